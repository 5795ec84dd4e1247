/** Rows for each attempt, start and result, and one of a person now and then. Lists read them; their hashes chain nothing. */
export const LEDGER = `
INSERT INTO ledger (position, hash, id, at, kind, version, who_kind, who_id, who_name, address, door, operation, plant_id, subject_kind,
  subject_id, subject_name, data)
SELECT row_number() OVER (ORDER BY e.at, e.kind), sha256(convert_to(e.kind || a.id, 'UTF8')), gen_random_uuid(), e.at, e.kind, 1,
       CASE WHEN e.kind LIKE 'person.%' THEN 'system' ELSE 'station' END, a.station_id, s.name, '127.0.0.1', 'agent', 'result', l.plant_id,
       CASE WHEN e.kind LIKE 'person.%' THEN 'person' ELSE 'attempt' END, a.id::text, u.serial,
       jsonb_build_object('jobId', a.job_id, 'product', 'GROWN-1', 'version', '1.0.0', 'order', 'WO-1', 'station', s.name, 'nest', 'A',
         'hostId', a.host_id, 'virtual', false, 'outcome', a.outcome, 'code', a.code, 'blame', a.blame, 'first', a.first)
  FROM attempt a JOIN station s ON s.id = a.station_id JOIN line l ON l.id = s.line_id JOIN unit u ON u.id = a.unit_id
  CROSS JOIN LATERAL (
    VALUES (a.accepted_at, 'attempt.started'), (coalesce(a.received_at, a.accepted_at), 'attempt.finished'),
           (CASE WHEN hashtext(a.id::text) % 2000 = 0 THEN a.accepted_at END, 'person.changed')) e (at, kind)
 WHERE e.at IS NOT NULL`;
