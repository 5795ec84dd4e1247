import { eventSql } from "../ledger/event-sql.ts";

/** {@link eventSql} for rows of `job`, which `rows` selects, with their code. `reason` is an expression. */
export const jobEventSql = (
  kind: "job.cancelled" | "job.unknown",
  rows: string,
  reason = "NULL",
): string =>
  eventSql(
    kind,
    `${rows} ended JOIN unit u ON u.id = ended.unit_id JOIN work_order wo ON wo.id = ended.work_order_id
    JOIN nest n ON n.id = ended.nest_id JOIN station s ON s.id = ended.station_id JOIN line l ON l.id = s.line_id`,
    {
      subjectId: "ended.id",
      subjectName: "u.serial",
      plantId: "coalesce(:plantId::uuid, l.plant_id)",
      reason,
      data: `jsonb_build_object('order', wo.number, 'station', s.name, 'nest', n.name, 'code', ended.code)`,
    },
  );
