import { FlashlineError, type LeadCall, type LeadCallRequest } from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { statement } from "../db/statement.ts";
import type { Origin } from "../ledger/origin.ts";
import { raiseAlarms } from "./raise.ts";
import type { AlarmRow, AlarmsRepository } from "./repository.ts";
import { readRules } from "./rules.repository.ts";

const PLACE = statement(
  ["stationId", "nest"],
  z.object({
    station: z.string(),
    plantId: z.string(),
    nestId: z.string().nullable(),
    nest: z.string().nullable(),
  }),
  `
SELECT s.name AS station, l.plant_id AS "plantId", n.id AS "nestId", n.name AS nest
  FROM station s JOIN line l ON l.id = s.line_id LEFT JOIN nest n ON n.station_id = s.id AND n.name = :nest
 WHERE s.id = :stationId::uuid`,
);

export type CallsService = ReturnType<typeof callsService>;

/** Calls for the lead. A call is an alarm from its commit on: nothing has to look for it. */
export function callsService(db: Database, alarms: AlarmsRepository) {
  async function answerS(plantId: string): Promise<number> {
    const rules = await readRules(db.sql);
    const rule = rules.find((set) => set.rule === "lead.called" && set.scope === plantId);
    return rule?.settings["answerS"] ?? 0;
  }
  const viewOf = (row: AlarmRow, seconds: number): LeadCall => {
    const { id, parameters, raisedAt, takenBy, takenAt, overdueAt, recoveredAt } = row;
    const nest = parameters["nest"];
    return {
      id,
      takenBy,
      answerS: seconds,
      nest: nest === undefined ? null : String(nest),
      calledAt: raisedAt.toISOString(),
      takenAt: takenAt?.toISOString() ?? null,
      overdue: overdueAt !== null && takenAt === null,
      endedAt: recoveredAt?.toISOString() ?? null,
    };
  };

  return {
    /** `isNew` is false where this station's call, for this nest, was open. */
    async call(
      stationId: string,
      { nest, serial, note, operator }: z.output<typeof LeadCallRequest>,
      by: Origin,
    ): Promise<{ readonly isNew: boolean; readonly id: string; readonly call: LeadCall }> {
      const place = await db.sql.row(PLACE, { stationId, nest: nest ?? null });
      if (place === undefined) throw new FlashlineError("auth.revoked");
      if (nest !== undefined && place.nestId === null) {
        throw new FlashlineError("preflight.nest_unknown", `The station has no nest ${nest}.`, {
          parameters: { nest },
        });
      }
      const cause = {
        rule: "lead.called",
        scope: place.plantId,
        subjectKind: nest === undefined ? "station" : "nest",
        subjectId: place.nestId ?? stationId,
        subjectName: nest === undefined ? place.station : `${place.station}/${nest}`,
        stationId,
        parameters: {
          ...(nest === undefined ? {} : { nest }),
          ...(serial === undefined ? {} : { serial }),
          ...(note === undefined ? {} : { note }),
        },
      } as const;
      const [raised] = await raiseAlarms(db.sql, [cause], by, operator);
      const open = await alarms.openCalls(stationId);
      const row = open.find((one) => one.id === raised || one.subjectId === cause.subjectId);
      // Ended by somebody in between: the call was made and answered.
      const told = row ?? (raised === undefined ? undefined : await alarms.one(raised));
      if (told === undefined) {
        throw new FlashlineError(
          "request.conflict",
          "The call was ended at this moment. Call again.",
        );
      }
      const call = viewOf(told, await answerS(place.plantId));
      return { isNew: raised !== undefined, id: told.id, call };
    },
    /** The call, ended by its station. */
    async end(stationId: string, id: string, by: Origin): Promise<LeadCall> {
      const row = await alarms.end(id, by, undefined, stationId);
      return viewOf(row, await answerS(row.scope));
    },
    /** Calls of a station that are open. */
    async open(stationId: string): Promise<LeadCall[]> {
      const rows = await alarms.openCalls(stationId);
      const [first] = rows;
      if (first === undefined) return [];
      const seconds = await answerS(first.scope);
      return rows.map((row) => viewOf(row, seconds));
    },
  };
}
