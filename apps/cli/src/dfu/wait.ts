import { setTimeout as sleep } from "node:timers/promises";
import type { AttachedUnit, UnitSource } from "@flashline/usb-host";
import type { Console } from "../console.ts";
import { ExitCode } from "../exit.ts";
import { Refusal } from "../refusal.ts";
import type { SourceOptions } from "./options.ts";
import { attachedUnits } from "./select.ts";

const LOOK_EVERY_MS = 100;

/**
 * What `choose` makes of the units that are attached. Where it finds none, and `--wait` was given, it is asked again until it finds one or
 * the time is over; its last refusal counts then. Ctrl-C ends the wait at once, with `attempt.cancelled`.
 */
export async function waitFor<T>(
  console: Console,
  source: UnitSource,
  options: SourceOptions,
  choose: (units: readonly AttachedUnit[]) => T,
): Promise<T> {
  const look = async () => choose(await attachedUnits(source, options));
  const { wait } = options;
  if (wait === undefined) return await look();
  const stop = console.onInterrupt();
  const until = performance.now() + wait * 1000;
  try {
    for (let told = false; ; told = true) {
      try {
        return await look();
      } catch (error) {
        const none = error instanceof Refusal && error.code === "device.not_found";
        if (!none || performance.now() >= until) throw error;
        if (!told && !options.json)
          console.terminal.writeError(`${error.message} Waiting up to ${wait} s for it.\n`);
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal: stop.signal });
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    throw new Refusal("attempt.cancelled", "The wait was ended; no unit was touched.", {
      exit: ExitCode.NoUnit,
      cause: error,
    });
  } finally {
    stop.release();
  }
}
