import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyRepository } from "../audit/verify.repository.ts";
import { verifyLedger } from "../audit/verify.ts";
import { repairUsed } from "../jobs/used.repository.ts";
import { StepCommand } from "./command.ts";
import { firstState } from "./plant/state.ts";
import { makeWorld, type Replicas, startReplicas } from "./plant/world.ts";
import { anyRace, anyStep } from "./steps/any.ts";

/** Shifts, each in a plant of its own. */
const RUNS = Math.ceil(Number(process.env["FLASHLINE_RUNS"] ?? 200) / 25);
/** Only then is a shift that failed made shorter: that plays it again some hundred times. */
const IS_REPEATED = process.env["FLASHLINE_SEED"] !== undefined;
/** Another start for every long run, unless one is to be repeated. */
const SEED = Number(process.env["FLASHLINE_SEED"] ?? (RUNS > 100 ? Date.now() % 1_000_000_000 : 9));
/** No longer than a step of the nightly may take: what was made until then counts. */
const SECONDS = Math.min(60 + 4 * RUNS, 900);
const MOST_STEPS = 100;

/** What a run must have met at least, and one of 400 shifts besides. */
const USUAL = ["a job of epoch 1", "201 PASSED", "201 FAILED", "preflight.busy"];
const RARE = [
  ...["200 and 201", "a job of epoch 2", "job.epoch", "job.attempt_other", "cancel"],
  ...["201 CANCELLED", "202 UNKNOWN", "202 SUPERSEDED"],
  ...["result.conflict", "preflight.quota_reached", "preflight.already_passed"],
  ...["preflight.retest_limit", "preflight.other_host", "preflight.other_order"],
  ...["preflight.line_paused", "preflight.host_quarantined", "preflight.unit_held"],
  ...["release.revoked", "order.unconfirmed", "order.closed", "order.quantity_used"],
];
/** Shifts after which each of them was heard: in 680 three were not. */
const ENOUGH_FOR_RARE = 1_200;

let replicas: Replicas;
beforeAll(async () => {
  replicas = await startReplicas();
});
afterAll(() => replicas.close());

test(`a plant does what the model does, whatever comes in whatever order (seed ${SEED}, ${RUNS} shifts)`, {
  timeout: (SECONDS + 60) * 1000,
}, async () => {
  const step = anyStep.map((one) => new StepCommand([one]));
  const race = anyRace.map((both) => new StepCommand(both));
  let shifts = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.commands([...Array.from({ length: 9 }, () => step), race], {
        maxCommands: MOST_STEPS,
        size: "max",
      }),
      async (commands) => {
        shifts += 1;
        const real = await makeWorld(replicas);
        await fc.asyncModelRun(() => ({ model: { state: firstState() }, real }), commands);
      },
    ),
    {
      numRuns: RUNS,
      seed: SEED,
      endOnFailure: !IS_REPEATED,
      interruptAfterTimeLimit: SECONDS * 1000,
    },
  );
  process.stderr.write(`model: ${shifts} shifts, ${replicas.heard.size} answers\n`);
  // A model that is never at work would agree with anything.
  const words = [...USUAL, ...(shifts > ENOUGH_FOR_RARE ? RARE : [])];
  expect(words.filter((word) => !replicas.heard.has(word))).toEqual([]);
  const { sql } = replicas.server.platform.db;
  expect(await repairUsed(sql)).toEqual([]);
  expect((await verifyLedger(verifyRepository(sql), [])).problems).toEqual([]);
});
