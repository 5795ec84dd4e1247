import pg from "pg";
import { afterEach, expect, test, vi } from "vitest";
import { startTestServer } from "../testing/server.ts";
import { lineOf } from "./testing.ts";

afterEach(() => vi.restoreAllMocks());

interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Name"?: string;
  readonly Plans?: readonly PlanNode[];
}

const nodesOf = (node: PlanNode): readonly PlanNode[] => [
  node,
  ...(node.Plans ?? []).flatMap(nodesOf),
];

const isPrepared = (asked: unknown): asked is { readonly text: string } =>
  typeof asked === "object" && asked !== null && "name" in asked && "text" in asked;

/** Tables that get rows with each unit. */
const GROWING = ["unit", "job", "attempt", "unit_state", "ledger"];
/** Indexes by which everything of a station, an order or a state is read. `acquire` has to look for a station's jobs. */
const WIDE = [
  ...["attempt_station_id_received_at_id_idx", "attempt_received_at_id_idx"],
  ...["job_work_order_id_state_idx", "job_state_deadline_idx"],
];

/** Texts of statements that have parameters, as they are sent from now on; those of the queues, which have tables of their own, aside. */
function sentStatements(): Set<string> {
  const texts = new Set<string>();
  const { query } = pg.Client.prototype;
  vi.spyOn(pg.Client.prototype, "query").mockImplementation(function (
    this: pg.Client,
    ...args: readonly unknown[]
  ) {
    const [asked] = args;
    const { connectionParameters } = this as unknown as {
      connectionParameters: { application_name?: string };
    };
    if (isPrepared(asked) && connectionParameters.application_name === "flashline-server")
      texts.add(asked.text);
    return Reflect.apply(query, this, args) as never;
  });
  return texts;
}

// A prepared statement keeps the plan of its fifth run. PostgreSQL counts a table's rows a minute after they came.
test("plans made while all tables are empty look rows up by their keys", async () => {
  // Before any connection is made: each keeps the way in which it sends.
  const texts = sentStatements();
  const server = await startTestServer();
  texts.clear();
  try {
    await lineOf(server).flash("SN1001");
    const hot = [...texts].filter((text) => /\b(job|attempt)\b/.test(text));
    expect(hot.length).toBeGreaterThan(5);
    const { sql } = server.platform.db;
    const wide: string[] = [];
    for (const text of hot) {
      const [row] = await sql.query<{ "QUERY PLAN": readonly { Plan: PlanNode }[] }>(
        `EXPLAIN (GENERIC_PLAN, FORMAT JSON) ${text}`,
      );
      for (const node of nodesOf(row?.["QUERY PLAN"][0]?.Plan ?? { "Node Type": "none" })) {
        const table = node["Relation Name"] ?? "";
        const index = node["Index Name"] ?? "";
        if (node["Node Type"] === "Seq Scan" && GROWING.includes(table))
          wide.push(`all of ${table}: ${text}`);
        if (WIDE.includes(index)) wide.push(`${index}: ${text}`);
      }
    }
    expect(wide).toEqual([]);
  } finally {
    await server.close();
  }
});
