import { createHash } from "node:crypto";
import { statfs } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { ofServer } from "../ledger/origin.ts";
import { raiseAlarms, recoverAlarms } from "./raise.ts";
import { readRules } from "./rules.repository.ts";
import { SERVER_SCOPE } from "./scope.ts";

/** What is known is told again after so long: an alarm of a server that is gone for good would stay for ever. Milliseconds. */
const TELL_MS = 60_000;
/** So long a replica's alarm stays without a word from it. Minutes. */
const FORGET_MINUTES = 10;
/** More than the limits must be free again before the alarm ends. */
const ENOUGH = 1.1;

const BY = ofServer("disk");

const SEEN = statement(
  ["subjectId"],
  z.object({ id: z.string() }),
  `UPDATE alarm SET seen_at = now() WHERE rule = 'disk.low' AND subject_id = :subjectId AND recovered_at IS NULL RETURNING id`,
);
const OPEN = statement(
  ["subjectId", "minutes"],
  z.object({ id: z.string(), own: z.boolean(), forgotten: z.boolean() }),
  `
SELECT id, subject_id = :subjectId AS own, seen_at < now() - make_interval(mins => :minutes::int) AS forgotten
  FROM alarm WHERE rule = 'disk.low' AND recovered_at IS NULL`,
);

/** Free and whole size of the disk that a folder is on, bytes. */
export interface DiskReading {
  readonly free: number;
  readonly size: number;
}

async function readDisk(folder: string): Promise<DiskReading> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { free: bavail * bsize, size: blocks * bsize };
}

/** Every replica looks at its own disk, because nobody else can. */
export function diskWatch(
  db: Database,
  dataFolder: string,
  read: () => Promise<DiskReading> = () => readDisk(dataFolder),
) {
  const folder = path.resolve(dataFolder);
  const subjectName = `${hostname()} ${folder}`;
  const subjectId = createHash("sha256").update(subjectName).digest("hex").slice(0, 32);
  let toldAt = Number.NEGATIVE_INFINITY;
  let wasLow: boolean | undefined;

  async function tell(sql: Sql, { free, size }: DiskReading): Promise<readonly string[]> {
    const rule = (await readRules(sql)).find((set) => set.rule === "disk.low");
    const isOn = rule?.enabled === true;
    const { gb = 0, share = 0 } = rule?.settings ?? {};
    const isBelow = (times: number) => free < gb * 1e9 * times && free < share * size * times;
    const open = await sql.rows(OPEN, { subjectId, minutes: FORGET_MINUTES });
    const own = open.find((alarm) => alarm.own);
    const low = isOn && isBelow(own === undefined ? 1 : ENOUGH);
    wasLow = low;
    const over = open.filter((alarm) => (alarm.own ? !low : alarm.forgotten));
    const ended = await recoverAlarms(
      sql,
      over.map(({ id }) => id),
      isOn ? "gone" : "off",
      BY,
    );
    if (!low) return ended;
    const freeGb = Math.round(free / 1e8) / 10;
    const percent = Math.round((1_000 * free) / size) / 10;
    const parameters = { freeGb, percent };
    const cause = {
      ...({ rule: "disk.low", scope: SERVER_SCOPE, subjectKind: "server" } as const),
      subjectId,
      subjectName,
      stationId: null,
      parameters,
    };
    if (own !== undefined) await sql.row(SEEN, { subjectId });
    return [...ended, ...(await raiseAlarms(sql, [cause], BY))];
  }
  return {
    /** Ids of alarms that changed. Costs no statement while nothing changes, but now and then. */
    async look(): Promise<readonly string[]> {
      const reading = await read();
      const now = performance.now();
      // Room that hardly changes is told now and then; a disk that fills is not waited for.
      const isNear = wasLow !== true && reading.free < reading.size / 5;
      if (!isNear && now - toldAt < TELL_MS) return [];
      const changed = await db.transaction((sql) => tell(sql, reading));
      toldAt = now;
      return changed;
    },
  };
}
