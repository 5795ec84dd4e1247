import { randomUUID } from "node:crypto";
import { lineOf } from "../jobs/testing.ts";
import { startTestServer, type TestServer } from "../testing/server.ts";

/** An attempt as a test tells it; the rest is copied from one that a station made. */
export interface ToldAttempt {
  /** When it began, in ISO 8601. */
  readonly at: string;
  readonly unit: number;
  readonly product?: "PSU-40" | "MC-2";
  readonly outcome?: "PASS" | "FAIL";
  readonly station?: "L3-01" | "L3-02";
  /** The number of the nest. */
  readonly nest?: number;
  readonly virtual?: boolean;
  readonly contradicted?: boolean;
}

/** The seeded plant with two stations, two products, and attempts at any time. */
export interface PacedPlant {
  readonly server: TestServer;
  /** Enters attempts as results that were reported. */
  tell(...attempts: readonly ToldAttempt[]): Promise<void>;
  /** Takes all attempts and plans away. */
  clear(): Promise<void>;
}

const PRODUCT = `
INSERT INTO product SELECT (jsonb_populate_record(p, '{"id": "$1", "name": "MC-2"}')).* FROM product p;
INSERT INTO process_step SELECT (jsonb_populate_record(s, '{"id": "$2", "product_id": "$1"}')).* FROM process_step s;
INSERT INTO release SELECT (jsonb_populate_record(r, '{"id": "$3", "product_id": "$1", "manifest_sha256": "other"}')).* FROM release r`;

const INSERT = `
INSERT INTO attempt SELECT (jsonb_populate_record(a, told)).* FROM pattern a, jsonb_array_elements($1::jsonb) told`;

const unitOf = (unit: number, product: string): string =>
  `00000000-0000-4000-${product === "MC-2" ? "9" : "8"}000-${String(unit).padStart(12, "0")}`;

export async function pacedPlant(): Promise<PacedPlant> {
  const server = await startTestServer({ idle: true });
  const { transaction } = server.platform.db;
  await lineOf(server).flash("SN1001");
  const stations = new Map([
    ["L3-01", server.seed.station],
    ["L3-02", await server.addStation("L3-02")],
  ]);
  const [product, step, release] = [randomUUID(), randomUUID(), randomUUID()];
  /** Nothing that follows from a result is wanted here. */
  const plainly = (work: readonly (readonly [text: string, values?: readonly unknown[]])[]) =>
    transaction(async (sql) => {
      await sql.execute("SET LOCAL session_replication_role = replica");
      for (const [text, values] of work) await sql.execute(text, [...(values ?? [])]);
    });
  const made = PRODUCT.replaceAll("$1", product)
    .replaceAll("$2", step)
    .replaceAll("$3", release)
    .split(";")
    .map((text) => [text] as const);
  await plainly([...made, ["CREATE TABLE pattern AS SELECT * FROM attempt"]]);
  return {
    server,
    async tell(...attempts) {
      const rows = attempts.map((told) => {
        const station = stations.get(told.station ?? "L3-01");
        const isOther = told.product === "MC-2";
        const isPass = told.outcome !== "FAIL";
        return {
          id: randomUUID(),
          job_id: randomUUID(),
          epoch: 1,
          first: false,
          unit_id: unitOf(told.unit, told.product ?? "PSU-40"),
          step_id: isOther ? step : server.seed.stepId,
          release_id: isOther ? release : server.seed.releaseId,
          station_id: station?.id,
          nest_id: station?.nests[told.nest ?? 0]?.id,
          accepted_at: told.at,
          received_at: told.at,
          virtual: told.virtual ?? false,
          outcome: isPass ? "PASS" : "FAIL",
          code: isPass ? null : "verify.mismatch",
          contradictions: told.contradicted === true ? ["manifest"] : [],
        };
      });
      await plainly([[INSERT, [JSON.stringify(rows)]]]);
    },
    clear: () => plainly([["DELETE FROM attempt"], ["DELETE FROM shift_plan"]]),
  };
}
