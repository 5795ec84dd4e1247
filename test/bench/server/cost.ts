import { readFileSync } from "node:fs";
import { familyOf, withClient } from "@flashline/server/testing";
import type { Cost } from "./figures.ts";
import { parseStat } from "./parse.ts";

/** Processor time of a process and all that it started, milliseconds. */
function spentBy(pid: number): number {
  const [parent, ...children] = familyOf(pid).flatMap((each) => {
    try {
      return [parseStat(readFileSync(`/proc/${each}/stat`, "utf8"))];
    } catch {
      // It ended meanwhile; the parent counts it from now on.
      return [];
    }
  });
  if (parent === undefined) return 0;
  return parent.own + parent.ended + children.reduce((sum, { own }) => sum + own, 0);
}

const COUNTS = `
SELECT (SELECT coalesce(sum(calls), 0)::float8 FROM pg_stat_statements s
         WHERE s.dbid = d.datid AND s.query !~* '^(begin|start|commit|end|rollback|set|deallocate)') AS statements,
       xact_commit::float8 AS transactions
  FROM pg_stat_database d WHERE datname = current_database()`;

const TOP = `
SELECT calls::float8, round(total_exec_time::numeric) AS ms, round(total_plan_time::numeric) AS plan, left(regexp_replace(query, '\\s+', ' ', 'g'), 110) AS query
  FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
 ORDER BY total_exec_time DESC LIMIT 40`;

interface Counts {
  readonly statements: number;
  readonly transactions: number;
}

const countsNow = (url: string): Promise<Counts> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<Counts>(COUNTS);
    return rows[0] ?? { statements: 0, transactions: 0 };
  });

/** Runs `work` and tells what servers and database spent on it meanwhile. */
export async function costOf<T>(
  url: string,
  servers: readonly number[],
  postmaster: number,
  work: () => Promise<T>,
): Promise<{ readonly done: T; readonly cost: Cost }> {
  const spent = () => servers.reduce((sum, pid) => sum + spentBy(pid), 0);
  const counted = await countsNow(url);
  const [server, database] = [spent(), spentBy(postmaster)];
  const done = await work();
  const [serverNow, databaseNow] = [spent(), spentBy(postmaster)];
  const now = await countsNow(url);
  return {
    done,
    cost: {
      serverMs: serverNow - server,
      databaseMs: databaseNow - database,
      statements: now.statements - counted.statements,
      transactions: now.transactions - counted.transactions,
    },
  };
}

/** The statements that took longest since the last call of `forgetStatements`, one a line. */
export const statementsOf = (url: string, units: number): Promise<string> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<Record<"calls" | "ms" | "plan" | "query", string>>(TOP);
    return rows
      .map(({ calls, ms, plan, query }) => {
        const each = (Number(calls) / units).toFixed(2);
        return `${each.padStart(6)} a unit ${ms.padStart(6)} ms ${plan.padStart(6)} plan  ${query}`;
      })
      .join("\n");
  });

/** Starts counting statements anew. */
export const forgetStatements = (url: string): Promise<unknown> =>
  withClient(url, (client) => client.query("SELECT pg_stat_statements_reset()"));
