import { describeBlame, describeSentence, FLAG_TEXT } from "@flashline/contract";
import { z } from "zod";
import { jsonText } from "../db/json-text.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import { eventSql, originValues, WHO_PARAMETERS } from "../ledger/event-sql.ts";
import { ofServer } from "../ledger/origin.ts";
import type { HostFigures } from "../verdict/index.ts";
import { type HostIn, isOfTakenOut, type Populations } from "./populations.ts";
import { figuresOf, verdictOf } from "./told.ts";

const VIRTUAL = " virtual";

/** What the hosts' page shows. `tells`: a verdict that differs from the one before is told; a step of the ladder was told by itself. */
const PUBLISH = statement(
  ["hosts", "tells", ...WHO_PARAMETERS],
  z.object({ id: z.string() }),
  `
WITH given AS (
  SELECT * FROM jsonb_to_recordset(:hosts::jsonb) AS g(host uuid, verdict text, evidence text, figures jsonb, at bigint, plant uuid)),
before AS (SELECT h.id, h.verdict FROM host h JOIN given g ON g.host = h.id),
stored AS (
  UPDATE host h
     SET evidence = g.evidence, statistics = g.figures, verdict = g.verdict,
         verdict_since = CASE WHEN h.verdict = g.verdict THEN h.verdict_since ELSE to_timestamp(g.at / 1000.0) END
    FROM given g WHERE h.id = g.host
     AND (h.evidence, h.statistics, h.verdict) IS DISTINCT FROM (g.evidence, g.figures, g.verdict)
  RETURNING h.id, h.machine, h.pci_address, h.verdict, h.evidence, h.statistics, g.plant),
told AS (${eventSql(
    "host.judged",
    `stored s JOIN before b ON b.id = s.id AND b.verdict <> s.verdict
      AND (b.verdict IN ('WATCH', 'SUSPECT') OR s.verdict IN ('WATCH', 'SUSPECT')) WHERE :tells::boolean`,
    {
      subjectId: "s.id",
      subjectName: "s.machine || ' ' || s.pci_address",
      plantId: "s.plant",
      before: "jsonb_build_object('verdict', b.verdict)",
      after: "jsonb_build_object('verdict', s.verdict)",
      reason: "s.evidence",
      data: `jsonb_build_object('machine', s.machine, 'pciAddress', s.pci_address, 'step', NULL, 'r', s.statistics -> 'r', 'd', s.statistics -> 'd')`,
    },
  )})
SELECT id FROM stored`,
);

/** The evidence in English, also for who reads the database itself. */
function evidenceOf({ sentence, blame, flagged }: HostFigures): string {
  const parts = [
    describeSentence(sentence),
    blame === null ? "" : describeBlame(blame),
    flagged ? FLAG_TEXT : "",
  ];
  return parts.filter((part) => part !== "").join(" ");
}

/**
 * The population by which a host is shown: of those in which something is known of it the one in which it was last, because its station may have been moved to
 * another plant; of its real units, where it has any. History is told in the same way.
 */
function shownBy(populations: Populations, host: string): string | undefined {
  const inAll = populations.names().flatMap((name) => {
    const known = isOfTakenOut(name) ? undefined : populations.get(name).detector.host(host);
    return known === undefined ? [] : { name, isVirtual: name.endsWith(VIRTUAL), at: known.at };
  });
  const isReal = inAll.some(({ isVirtual }) => !isVirtual);
  const [latest] = inAll
    .filter(({ name, isVirtual }) => !(isReal && isVirtual) && isKnown(populations, name, host))
    .toSorted((a, b) => b.at - a.at || (a.name < b.name ? -1 : 1));
  return latest?.name;
}
const isKnown = (populations: Populations, population: string, host: string): boolean =>
  figuresOf(populations, population, host) !== undefined;

/** Shows how hosts stand now. Answers those that changed. */
export async function publish(
  sql: Sql,
  populations: Populations,
  hosts: readonly HostIn[],
  at: number,
  tells: boolean,
): Promise<readonly string[]> {
  // By id: who locks several hosts does so in this order.
  const rows = hosts
    .filter(({ population, host }) => shownBy(populations, host) === population)
    .toSorted((a, b) => (a.host < b.host ? -1 : 1))
    .flatMap(({ population, host }) => {
      const figures = figuresOf(populations, population, host);
      if (figures === undefined) return [];
      const plant = population.replace(VIRTUAL, "");
      return {
        host,
        verdict: verdictOf(figures),
        evidence: evidenceOf(figures),
        figures,
        at,
        plant,
      };
    });
  if (rows.length === 0) return [];
  const by = originValues(ofServer("hosts"));
  const changed = await sql.rows(PUBLISH, { hosts: jsonText(rows), tells, ...by });
  return changed.map(({ id }) => id);
}

/** Every host of every population. */
export const everyHost = (populations: Populations): readonly HostIn[] =>
  populations
    .names()
    .filter((name) => !isOfTakenOut(name))
    .flatMap((population) =>
      populations
        .get(population)
        .detector.state()
        .hosts.map(({ host }) => ({ population, host })),
    );
