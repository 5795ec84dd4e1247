import { GoldenCheckView } from "@flashline/contract";
import { z } from "zod";

/** A row of {@link CHECK_COLUMNS}. */
export const CheckRow = GoldenCheckView.extend({
  sectors: z.array(z.coerce.number()),
  at: z.date(),
});

/** SQL: columns of check `c`, golden unit `g`, station `s` and nest `n`. */
export const CHECK_COLUMNS = `c.id, g.serial, s.name AS station, n.name AS nest, c.state, c.code, c.detail, c.link_incident AS "linkIncident",
  c.profile, c.duration_ms AS "durationMs", c.sectors, c.run_id AS run,
  (SELECT json_build_object('bytes', t.bytes, 'receivedAt', t.received_at) FROM golden_transcript t WHERE t.check_id = c.id) AS transcript, coalesce(c.started_at, c.opened_at) AS at`;
/** SQL: the tables that they are of. */
export const CHECK_FROM = `golden_check c JOIN golden_unit g ON g.id = c.golden_id JOIN station s ON s.id = c.station_id
  JOIN nest n ON n.id = c.nest_id`;

export const checkViewOf = ({ at, ...same }: z.infer<typeof CheckRow>): GoldenCheckView => ({
  ...same,
  at: at.toISOString(),
});
