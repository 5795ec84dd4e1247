import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyRepository } from "../audit/verify.repository.ts";
import { verifyLedger } from "../audit/verify.ts";
import { repairUsed } from "../jobs/used.repository.ts";
import { StepCommand } from "./command.ts";
import { firstState } from "./state.ts";
import { anyRace, anyStep } from "./steps/any.ts";
import { makeWorld, type Replicas, startReplicas } from "./world.ts";

/** Shifts, each in a plant of its own. */
const RUNS = Math.ceil(Number(process.env["FLASHLINE_RUNS"] ?? 300) / 25);
/** Another start for every long run, unless one is to be repeated. */
const SEED = Number(
  process.env["FLASHLINE_SEED"] ?? (RUNS > 100 ? Date.now() % 1_000_000_000 : 9),
);
const SECONDS = RUNS > 100 ? 3_000 : 60;
const MOST_STEPS = RUNS > 100 ? 80 : 40;

let replicas: Replicas;
beforeAll(async () => {
  replicas = await startReplicas();
});
afterAll(() => replicas.close());

test(`a plant does what the model does, whatever comes in whatever order (seed ${SEED}, ${RUNS} shifts)`, {
  timeout: SECONDS * 1000,
}, async () => {
  const step = anyStep.map((one) => new StepCommand([one]));
  const race = anyRace.map((both) => new StepCommand(both));
  await fc.assert(
    fc.asyncProperty(
      fc.commands([...Array.from({ length: 9 }, () => step), race], {
        maxCommands: MOST_STEPS,
        size: "max",
      }),
      async (commands) => {
        const real = await makeWorld(replicas);
        await fc.asyncModelRun(() => ({ model: { state: firstState() }, real }), commands);
      },
    ),
    { numRuns: RUNS, seed: SEED, endOnFailure: false },
  );
  const { sql } = replicas.server.platform.db;
  expect(await repairUsed(sql)).toEqual([]);
  expect((await verifyLedger(verifyRepository(sql), [])).problems).toEqual([]);
});
