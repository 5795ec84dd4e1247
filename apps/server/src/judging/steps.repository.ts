import { createHash } from "node:crypto";
import {
  describeBlame,
  describeSentence,
  type HostSentence,
  type StepEvidence,
} from "@flashline/contract";
import { isAbove, LIMITS } from "@flashline/verdict";
import { z } from "zod";
import { jsonText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { eventSql, originValues, WHO_PARAMETERS as WHO } from "../ledger/event-sql.ts";
import { ofServer } from "../ledger/origin.ts";
import { seriesOf, unitsNamed, unitsOfHost } from "./evidence.repository.ts";
import { type HostIn, isOfTakenOut, type NumberedLesson } from "./populations.ts";
import { sentenceOf, takenOutSentence } from "./told.ts";

const BY = originValues(ofServer("hosts"));

/** A replay finds the steps that were written before under the same ids, and leaves them as they are. */
const ADD = statement(
  ["steps"],
  z.object({ id: z.string() }),
  `
INSERT INTO verdict_step (id, population, level, name, from_rung, to_rung, at, evidence)
SELECT id, population, level, name, "from", "to", to_timestamp(at / 1000.0), evidence FROM jsonb_to_recordset(:steps::jsonb)
    AS s(id uuid, population text, level text, name text, "from" text, "to" text, at bigint, evidence jsonb)
ON CONFLICT (id) DO NOTHING RETURNING id`,
);

const GIVEN = `
given AS (
  SELECT * FROM jsonb_to_recordset(:steps::jsonb)
      AS s(id uuid, population text, level text, name text, "from" text, "to" text, r float8, d float8, reason text))`;
const COMMON = {
  before: `jsonb_build_object('verdict', g."from")`,
  after: `jsonb_build_object('verdict', g."to")`,
  reason: "g.reason",
  plantId: "split_part(g.population, ' ', 1)::uuid",
};
const STEP = `'step', g.id, 'r', g.r, 'd', g.d`;

/** A release with its batch or order by the names that people use; else the name itself. */
const NAME = `coalesce((
  SELECT concat(p.name, ' ', r.version, ', ', coalesce('order ' || wo.number, rest))
    FROM (SELECT split_part(g.name, '/', 1) AS release, substr(g.name, strpos(g.name, '/') + 1) AS rest WHERE g.level = 'release') of_it
    JOIN release r ON r.id::text = of_it.release JOIN product p ON p.id = r.product_id
    LEFT JOIN work_order wo ON 'order ' || wo.id = rest), g.name)`;

/** A name is compared as text: those of other levels are no UUIDs, and would be cast all the same. */
const TELL_HOSTS = statement(
  ["steps", ...WHO],
  z.object({}),
  `WITH ${GIVEN} ${eventSql(
    "host.judged",
    "given g JOIN host h ON g.level = 'controller' AND h.id::text = g.name",
    {
      ...COMMON,
      subjectId: "h.id",
      subjectName: "h.machine || ' ' || h.pci_address",
      data: `jsonb_build_object('machine', h.machine, 'pciAddress', h.pci_address, ${STEP})`,
    },
  )}`,
);
const TELL_GROUPS = statement(
  ["steps", ...WHO],
  z.object({}),
  `WITH ${GIVEN} ${eventSql("group.judged", "given g WHERE g.level <> 'controller'", {
    ...COMMON,
    subjectId: "NULL",
    subjectName: `left(g.level || ' ' || ${NAME}, 200)`,
    data: `jsonb_build_object('level', g.level, 'name', ${NAME}, ${STEP})`,
  })}`,
);
const TELL_FLAGS = statement(
  ["flags", ...WHO],
  z.object({}),
  `WITH given AS (SELECT * FROM jsonb_to_recordset(:flags::jsonb) AS f(population text, host uuid, raised boolean))
   ${eventSql("host.flagged", "given g JOIN host h ON h.id = g.host", {
     subjectId: "h.id",
     subjectName: "h.machine || ' ' || h.pci_address",
     plantId: COMMON.plantId,
     data: `jsonb_build_object('raised', g.raised)`,
   })}`,
);

/** The same for the same step, whenever it is worked out. */
function idOf({ population, level, name, number, at }: NumberedLesson): string {
  const hash = createHash("sha256").update(jsonText([population, level, name, number, at]));
  const hex = hash.digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** What would lead from a rung to another one. Units that were taken out lead to WATCH and back, however often. */
function changesFrom({ to: rung, population }: NumberedLesson): StepEvidence["changes"] {
  if (isOfTakenOut(population))
    return rung === "OK" ? [{ to: "WATCH", by: "r", at: LIMITS.reached.WATCH }] : [];
  const up = (["WATCH", "SUSPECT", "QUARANTINE"] as const)
    .filter((to) => isAbove(to, rung))
    .slice(0, 1)
    .map((to) => ({ to, by: "r" as const, at: LIMITS.reached[to] }));
  if (rung === "OK") return up;
  const down =
    rung === "WATCH"
      ? ({ to: "OK", by: "below", at: LIMITS.fades } as const)
      : ({ to: "OK", by: "d", at: LIMITS.healed } as const);
  return [...up, down];
}

/** Why, as it was known then. */
function sentenceAt(lesson: NumberedLesson): HostSentence {
  const { level, name, since, r, d, to, compared, at } = lesson;
  if (to === "OK") return { key: "calm", units: compared };
  const standing = { rung: to, evidence: { lower: r, higher: r, d }, isRepaired: false };
  if (isOfTakenOut(lesson.population)) {
    const sentence = takenOutSentence({ standing, since });
    if (sentence !== undefined) return sentence;
  }
  return sentenceOf({ level, name, standing, since, at }, compared);
}

async function evidenceOf(
  sql: Sql,
  lesson: NumberedLesson,
  sentence: HostSentence,
): Promise<StepEvidence> {
  const { level, name, since, at, split, r, d, number, blame } = lesson;
  const shown =
    level === "controller" && !isOfTakenOut(lesson.population)
      ? await unitsOfHost(sql, name, new Date(since.at), new Date(at))
      : await unitsNamed(sql, since.failed);
  return {
    sentence,
    r,
    d,
    ...split,
    blame,
    ...shown,
    series: await seriesOf(sql, lesson, number),
    changes: changesFrom(lesson),
  };
}

/** Writes what led up or down a ladder, with the evidence. `tells`: it happens now, and the ledger tells it. */
export async function addSteps(
  sql: Sql,
  lessons: readonly NumberedLesson[],
  tells: boolean,
): Promise<void> {
  const steps: object[] = [];
  for (const lesson of lessons) {
    const { population, level, name, from, to, at, r, d, blame } = lesson;
    const sentence = sentenceAt(lesson);
    const evidence = await evidenceOf(sql, lesson, sentence);
    const why = [describeSentence(sentence), blame === null ? "" : describeBlame(blame)];
    const reason = why.filter((part) => part !== "").join(" ");
    steps.push({ id: idOf(lesson), population, level, name, from, to, at, r, d, reason, evidence });
  }
  if (steps.length === 0) return;
  await sql.rows(ADD, { steps: jsonText(steps) });
  if (!tells) return;
  await sql.rows(TELL_HOSTS, { steps: jsonText(steps), ...BY });
  await sql.rows(TELL_GROUPS, { steps: jsonText(steps), ...BY });
}

/** Tells that flags of short lines were raised or lowered. */
export async function tellFlags(
  sql: Sql,
  flags: readonly (HostIn & { readonly raised: boolean })[],
): Promise<void> {
  if (flags.length > 0) await sql.rows(TELL_FLAGS, { flags: jsonText(flags), ...BY });
}
