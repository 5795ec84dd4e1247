import {
  called,
  DoctorFinding,
  type DoctorReport,
  FlashlineError,
  type StationDoctor,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { jsonText } from "../db/json-text.ts";
import { statement } from "../db/statement.ts";

const KEEP = statement(
  ["stationId", "report"],
  z.object({}),
  "UPDATE station SET doctor = :report::jsonb, doctor_at = now() WHERE id = :stationId::uuid",
);
const FIND = statement(
  ["idOrName"],
  z.object({
    station: z.string(),
    report: z.object({ at: z.string(), findings: z.array(DoctorFinding) }).nullable(),
    receivedAt: z.date().nullable(),
  }),
  `
SELECT name AS station, doctor AS report, doctor_at AS "receivedAt" FROM station
 WHERE id::text = lower(:idOrName) OR name = :idOrName ORDER BY id::text = lower(:idOrName) DESC LIMIT 1`,
);

export function doctorRepository({ sql }: Pick<Database, "sql">) {
  return {
    async keep(stationId: string, report: DoctorReport): Promise<void> {
      await sql.row(KEEP, { stationId, report: jsonText(report) });
    },
    /** Rejects with `request.not_found` without such a station, and while it has not reported. */
    async latest(idOrName: string): Promise<StationDoctor> {
      const parameters = { station: idOrName };
      const found = await sql.row(FIND, { idOrName });
      if (found === undefined) {
        const message = `There is no ${called("station", idOrName)}.`;
        throw new FlashlineError("request.not_found", message, { parameters });
      }
      const { station, report, receivedAt } = found;
      if (report === null || receivedAt === null) {
        const message = `${station} has not said yet how its PC is.`;
        throw new FlashlineError("request.not_found", message, { parameters });
      }
      return { station, ...report, receivedAt: receivedAt.toISOString() };
    },
  };
}
