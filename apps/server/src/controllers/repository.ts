import { HostVerdict } from "@flashline/contract";
import { z } from "zod";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";

const Found = z.object({
  address: z.string(),
  controller: z.string(),
  driver: z.string(),
  virtual: z.boolean(),
  verdict: z.enum(HostVerdict),
  plant: z.string(),
});

/** Hosts whose attempts came from the station alone. A machine that several stations have is not told apart, and neither is a host that moved. */
const CONTROLLERS = statement(
  ["station"],
  Found,
  `
SELECT h.pci_address AS address, h.controller, h.driver, h.virtual, p.name AS plant,
       CASE WHEN q.id IS NULL THEN h.verdict ELSE 'QUARANTINED' END AS verdict
  FROM host h JOIN station s ON s.id = h.station_id JOIN line l ON l.id = s.line_id JOIN plant p ON p.id = l.plant_id
  LEFT JOIN hold q ON q.target_id = h.id AND q.lifted_at IS NULL
 WHERE h.station_id = :station::uuid ORDER BY h.pci_address, h.id LIMIT 64`,
);

/** The USB controllers through which the station has flashed. */
export const controllersOf = (sql: Sql, station: string) => sql.rows(CONTROLLERS, { station });
