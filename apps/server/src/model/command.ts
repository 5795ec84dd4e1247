import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type fc from "fast-check";
import { expect } from "vitest";
import { type Observed, observe, takeTimes } from "./observe.ts";
import { callOff, dispatch } from "./plant/rules.ts";
import type { State } from "./plant/state.ts";
import type { World } from "./plant/world.ts";
import { type Plan, type Step, saidTogether } from "./steps/step.ts";
import { viewOf } from "./view.ts";

interface Shift {
  state: State;
}

/** What the model may come to: answers, and the plant afterwards. */
interface Outcome {
  readonly answers: readonly string[];
  readonly state: State;
}

/** Every order of so many requests of each plan: [2, 1] is [0, 0, 1], [0, 1, 0], [1, 0, 0]. */
function ordersOf(requests: readonly number[]): readonly (readonly number[])[] {
  if (requests.every((left) => left === 0)) return [[]];
  return requests.flatMap((left, plan) =>
    left === 0
      ? []
      : ordersOf(requests.with(plan, left - 1)).map((rest): readonly number[] => [plan, ...rest]),
  );
}

/** What the server does by itself after a request: it offers jobs, and another task of it may have called off those that are held before. */
const AFTERWARDS: readonly ((s: State) => void)[] = [
  dispatch,
  (s) => {
    callOff(s);
    dispatch(s);
  },
];

/** Every order in which requests that come at once may be done; they are offered between them, or only after all. */
function outcomesOf(before: State, plans: readonly Plan[]): readonly Outcome[] {
  const orders = ordersOf(plans.map(({ twice }) => (twice === true ? 2 : 1)));
  const looks = plans.length === 1 ? [true] : [true, false];
  return AFTERWARDS.flatMap((afterwards) =>
    orders.flatMap((order) =>
      looks.map((isLookedAt) => {
        const state = structuredClone(before);
        for (const { ahead } of plans) ahead?.model(state);
        const answers: string[][] = plans.map(() => []);
        for (const at of order) {
          answers[at]?.push(plans[at]?.model(state) ?? "");
          if (isLookedAt) afterwards(state);
        }
        afterwards(state);
        return { answers: answers.map(saidTogether), state };
      }),
    ),
  );
}

const fits = ({ answers, state }: Outcome, said: readonly string[], { view }: Observed) =>
  isDeepStrictEqual(answers, said) && isDeepStrictEqual(viewOf(state), view);

/** An answer without what is different each time. */
const wordOf = (answer: string): string =>
  answer.replace(/^[0-9a-f-]{36} epoch (\d+) .*/, "a job of epoch $1").replace(/^go order.*/, "go");

/** A job that a task of the server is just calling off is left to it: a hold takes effect within so long, milliseconds. */
const EFFECT_MS = 2_000;

/** Looks at the database until `find` finds something, or it is too late for that. */
async function lookUntil<T>(
  world: World,
  find: (observed: Observed) => T | undefined,
): Promise<{ readonly observed: Observed; readonly found: T | undefined }> {
  for (const end = performance.now() + EFFECT_MS; ; await pause(20)) {
    const observed = await observe(world);
    const found = find(observed);
    if (found !== undefined || performance.now() > end) return { observed, found };
  }
}

/** One thing that happens, or two at once through two replicas; then the plant is held against the model. */
export class StepCommand implements fc.AsyncCommand<Shift, World> {
  readonly #steps: readonly Step[];
  #about: readonly string[] = [];

  constructor(steps: readonly Step[]) {
    this.#steps = steps;
  }

  check(): boolean {
    return true;
  }

  async run(shift: Shift, world: World): Promise<void> {
    const plans = this.#steps.map((step) => step.plan(shift.state, world));
    const made = plans.filter((plan) => plan !== null);
    if (made.length < plans.length) return;
    this.#about = made.map(({ about }) => (about === undefined ? "" : ` (${about})`));
    await world.holdTime();
    for (const { ahead } of made) await ahead?.real(world);
    const outcomes = outcomesOf(shift.state, made);
    const said = await Promise.all(made.map((plan, at) => plan.real(world, at)));
    const { observed, found } = await lookUntil(world, (one) =>
      outcomes.find((outcome) => fits(outcome, said, one)),
    );
    if (found === undefined) {
      const [expected] = outcomes;
      // What the model would have come to if the first had come first; with one step that is all there is.
      expect({ step: String(this), said, view: observed.view }).toEqual({
        step: String(this),
        said: expected?.answers,
        view: viewOf(expected?.state ?? shift.state),
      });
      return;
    }
    for (const answer of said) world.replicas.heard.add(wordOf(answer));
    takeTimes(found.state, observed.times);
    shift.state = found.state;
  }

  toString(): string {
    return this.#steps.map(({ name }, at) => `${name}${this.#about[at] ?? ""}`).join(" WHILE ");
  }
}
