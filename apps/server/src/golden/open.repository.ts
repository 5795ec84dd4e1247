import {
  type Code,
  FlashlineError,
  type GoldenOpenRequest,
  GoldenOrder,
  normaliseSerial,
} from "@flashline/contract";
import { z } from "zod";
import type { Database } from "../db/database.ts";
import { startableSql } from "../db/exception.ts";
import { firstHeldSql, Held, NEST_IN_USE } from "../db/held.ts";
import { plainText } from "../db/json-text.ts";
import { operatorRequiredSql, operatorSql } from "../db/operator.ts";
import type { Sql } from "../db/sql.ts";
import { statement } from "../db/statement.ts";
import type { GoldenScanned } from "../jobs/golden-scan.ts";
import type { JobRefusal } from "../jobs/refusal.ts";
import { holdRefusal, operatorRefusal, type Telling } from "../jobs/rules.ts";
import { checksLeft } from "./left.ts";

const Facts = z.object({
  goldenId: z.string(),
  isHere: z.boolean(),
  retired: z.boolean(),
  cycles: z.number(),
  areas: z.number(),
  turn: z.number(),
  worn: z.number(),
  startable: z.boolean(),
  product: z.string(),
  version: z.string(),
  virtualAllowed: z.boolean(),
  manifest: z.instanceof(Buffer),
  signature: z.string(),
  images: GoldenOrder.shape.images,
  nestId: z.string().nullable(),
  held: Held.nullable(),
  operatorRequired: z.boolean(),
  operatorKnown: z.boolean(),
  run: z
    .object({
      id: z.string(),
      made: z.number(),
      times: z.number(),
      profile: z.string().nullable(),
    })
    .nullable(),
});
type Facts = z.infer<typeof Facts>;

/** A host's hold stops no check: it is what a check is for. */
const FACTS = statement(
  ["stationId", "serial", "nest", "operator"],
  Facts,
  `
SELECT g.id AS "goldenId", g.plant_id = l.plant_id AS "isHere", g.retired_at IS NOT NULL AS retired, g.cycles, g.areas, g.turn, g.worn,
       ${startableSql("r")} AS startable, p.name AS product, r.version, p.allow_virtual AS "virtualAllowed", r.manifest, r.signature,
       (SELECT coalesce(json_agg(json_build_object('name', ri.name, 'sha256', i.sha256, 'size', i.size, 'address', ri.address) ORDER BY ri.position), '[]')
          FROM release_image ri JOIN image i ON i.sha256 = ri.image_sha256 WHERE ri.release_id = r.id) AS images,
       n.id AS "nestId", ${firstHeldSql(["s.line_id", "s.id", "n.id"])} AS held,
       ${operatorRequiredSql("s")} AS "operatorRequired", ${operatorSql(":operator::uuid", "s")} IS NOT NULL AS "operatorKnown",
       (SELECT json_build_object('id', run.id, 'made', run.made, 'times', run.times, 'profile', run.profile)
          FROM golden_run run WHERE run.nest_id = n.id AND run.golden_id = g.id AND run.state = 'planned') AS run
  FROM station s JOIN line l ON l.id = s.line_id JOIN golden_unit g ON g.serial = :serial
  JOIN release r ON r.id = g.release_id JOIN product p ON p.id = r.product_id
  LEFT JOIN nest n ON n.station_id = s.id AND n.name = :nest AND ${NEST_IN_USE}
 WHERE s.id = :stationId::uuid`,
);

const Check = z.object({
  stationId: z.string(),
  nest: z.string(),
  serial: z.string(),
  state: z.string(),
});
const KNOWN = statement(
  ["checkId"],
  Check,
  `
SELECT c.station_id AS "stationId", n.name AS nest, g.serial, c.state FROM golden_check c
  JOIN nest n ON n.id = c.nest_id JOIN golden_unit g ON g.id = c.golden_id WHERE c.id = :checkId::uuid`,
);
const OPEN = statement(
  ["checkId", "goldenId", "stationId", "nestId", "runId", "operator", "turn"],
  z.object({ id: z.string() }),
  `
INSERT INTO golden_check (id, golden_id, station_id, nest_id, run_id, operator_id, turn)
VALUES (:checkId::uuid, :goldenId::uuid, :stationId::uuid, :nestId::uuid, :runId::uuid, :operator::uuid, :turn::int)
ON CONFLICT (id) DO NOTHING RETURNING id`,
);

export interface Scanned extends Telling {
  readonly serial: string;
  readonly nest: string;
}

function refusalOf(nest: string, facts: Facts, told: Telling): JobRefusal | null {
  const refuse = (code: Code, message: string): JobRefusal => ({ code, message });
  if (facts.nestId === null) {
    return refuse("preflight.nest_unknown", `This station has no nest ${nest}.`);
  }
  if (facts.held !== null) return holdRefusal(facts.held, nest);
  const nobody = operatorRefusal(told.operator, facts);
  if (nobody !== null) return nobody;
  if (!(told.abilities ?? []).includes("golden-checks")) {
    return refuse(
      "golden.agent_cannot",
      "This station's agent does not know golden units: upgrade it.",
    );
  }
  if (!facts.isHere)
    return refuse("golden.other_plant", "The golden unit belongs to another plant.");
  if (facts.retired) return refuse("golden.retired", "The golden unit was retired.");
  if (!facts.startable) {
    return refuse("golden.release", `Release ${facts.version} may not be flashed now.`);
  }
  if (checksLeft(facts) === 0) {
    return refuse(
      "golden.worn_out",
      `Sectors of the golden unit have had ${facts.worn} of ${facts.cycles} erase cycles.`,
    );
  }
  return null;
}

const readFacts = (sql: Sql, stationId: string, { serial, nest, operator }: Scanned) =>
  sql.row(FACTS, {
    stationId,
    serial: plainText(normaliseSerial(serial)),
    nest: plainText(nest),
    operator: operator ?? null,
  });

/** Null: the serial is no golden unit's. Orders nothing. */
export async function scanGolden(
  { sql }: Database,
  stationId: string,
  scan: Scanned,
): Promise<GoldenScanned | null> {
  const facts = await readFacts(sql, stationId, scan);
  if (facts === undefined) return null;
  const refusal = refusalOf(scan.nest, facts, scan);
  if (refusal !== null) return { kind: "refused", refusal };
  const { product, version, run } = facts;
  const waits = run === null ? null : { made: run.made, times: run.times };
  return { kind: "may", product, version, golden: { left: checksLeft(facts), run: waits } };
}

/**
 * What a check flashes; a repeated request finds the same check. Rejects with `golden.*`, `preflight.*`, `operator.*`, and with `request.conflict`
 * where the id stands for another check.
 */
export const openCheck = (
  { transaction }: Database,
  stationId: string,
  asked: z.output<typeof GoldenOpenRequest>,
): Promise<{ readonly isNew: boolean; readonly order: GoldenOrder }> =>
  transaction(async (sql) => {
    const { checkId, nest } = asked;
    const serial = plainText(normaliseSerial(asked.serial));
    const facts = await readFacts(sql, stationId, asked);
    if (facts === undefined) {
      const message = `There is no golden unit ${serial}.`;
      throw new FlashlineError("request.not_found", message, { parameters: { serial } });
    }
    const refusal = refusalOf(nest, facts, asked);
    if (refusal !== null) throw new FlashlineError(refusal.code, refusal.message);
    const { goldenId, nestId, run, areas, turn, product, version, virtualAllowed } = facts;
    if (asked.run !== undefined && run?.id !== asked.run)
      throw new FlashlineError("golden.run_over");
    const row = { checkId, goldenId, stationId, nestId, runId: run?.id ?? null, turn };
    const isNew =
      (await sql.row(OPEN, { ...row, operator: facts.operatorKnown ? asked.operator : null })) !==
      undefined;
    if (!isNew) {
      const known = await sql.row(KNOWN, { checkId });
      const isSame =
        known?.stationId === stationId &&
        known.nest === nest &&
        known.serial === serial &&
        known.state === "open";
      if (!isSame)
        throw new FlashlineError("request.conflict", "This id stands for another check.");
    }
    return {
      isNew,
      order: {
        checkId,
        nest,
        serial,
        product,
        version,
        virtualAllowed,
        areas,
        turn,
        manifest: facts.manifest.toString("base64"),
        signature: facts.signature,
        images: facts.images,
        ...(run?.profile == null ? {} : { profile: run.profile }),
        run: run === null ? null : { id: run.id, made: run.made, times: run.times },
      },
    };
  });
