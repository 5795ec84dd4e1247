import { FlashlineError } from "@flashline/contract";
import type { Logger } from "pino";
import type { Hook, HookCommands } from "./hooks-file.ts";
import { type HookEnd, runHook } from "./run-hook.ts";

/** The unit that a command is run for. */
export interface FixtureUnit {
  readonly nest: string;
  readonly serial: string;
  readonly portPath: string;
}
/** `STOPPED`: nothing was erased, and there is no result. */
export type FixtureOutcome = "PASS" | "FAIL" | "STOPPED";

/** The commands that move a fixture: switch its power, close its clamp, light its lamp. None of them changes a result. */
export interface Fixture {
  /**
   * Before the unit is opened; nothing has been erased then. What comes after it in the same nest waits for it.
   * @throws FlashlineError `fixture.refused`, `fixture.timeout`; the signal's reason.
   */
  prepare(unit: FixtureUnit, signal: AbortSignal): Promise<void>;
  /** Returns at once. The result is on the disk already, and stays what it is. `code` is null after a PASS. */
  release(unit: FixtureUnit, outcome: FixtureOutcome, code: string | null): void;
  /** Resolves when no command runs. */
  idle(): Promise<void>;
}

export function createFixture(hooks: HookCommands, log: Logger): Fixture {
  /** Commands of one nest come one after another. */
  const turns = new Map<string, Promise<unknown>>();

  function inTurn<T>(nest: string, work: () => Promise<T>): Promise<T> {
    const done = (turns.get(nest) ?? Promise.resolve()).then(work, work);
    const turn = done.catch(() => undefined);
    turns.set(nest, turn);
    return done;
  }

  async function run(
    name: keyof HookCommands,
    hook: Hook,
    unit: FixtureUnit,
    more: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<HookEnd> {
    const { nest, serial, portPath } = unit;
    const environment = {
      FLASHLINE_HOOK: name,
      FLASHLINE_NEST: nest,
      FLASHLINE_SERIAL: serial,
      FLASHLINE_PORT_PATH: portPath,
      ...more,
    };
    const end = await runHook(hook, environment, signal);
    const said = end.kind === "refused" ? end.said : undefined;
    if (end.kind === "done") log.debug({ nest, step: name }, "fixture");
    else log.warn({ nest, serial, step: name, end: end.kind, said }, "fixture");
    return end;
  }

  return {
    async prepare(unit, signal) {
      const hook = hooks.beforeStart;
      if (hook === undefined) return;
      const end = await inTurn(unit.nest, () => run("beforeStart", hook, unit, {}, signal));
      if (end.kind === "refused") throw new FlashlineError("fixture.refused", end.said);
      if (end.kind === "late") {
        throw new FlashlineError("fixture.timeout", `No end within ${hook.seconds} s.`);
      }
    },
    release(unit, outcome, code) {
      const name = outcome === "PASS" ? "afterPass" : "afterFail";
      const hook = hooks[name];
      if (hook === undefined) return;
      const more = { FLASHLINE_OUTCOME: outcome, FLASHLINE_CODE: code ?? "" };
      inTurn(unit.nest, () => run(name, hook, unit, more)).catch((error: unknown) =>
        log.error({ err: error, step: name }, "fixture"),
      );
    },
    async idle() {
      await Promise.all(turns.values());
    },
  };
}
