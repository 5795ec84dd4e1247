import { existsSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { FlashlineError } from "@flashline/contract";

/** The clock of one process, which can be set wrong while it runs. */
export interface Clock {
  /** What the process is started with. */
  readonly environment: Readonly<Record<string, string>>;
  /** How many seconds the clock is ahead of this machine's; below 0: behind it. It jumps within a second. */
  set(seconds: number): void;
}

const LIBRARIES = "/usr/lib";

/** Debian's library that stands between a process and its clock. Throws `config.invalid` where it is not installed. */
function library(): string {
  const found = readdirSync(LIBRARIES)
    .map((name) => path.join(LIBRARIES, name, "faketime/libfaketimeMT.so.1"))
    .find(existsSync);
  if (found !== undefined) return found;
  throw new FlashlineError(
    "config.invalid",
    "The rounds with a wrong clock need Debian's faketime: apt-get install faketime.",
  );
}

/** A clock that is right at first. `folder` is one that the process can read. */
export function wrongClock(folder: string): Clock {
  const file = path.join(folder, "clock");
  const set = (seconds: number) => {
    // Whole at once: a half-written time would be another one.
    writeFileSync(`${file}.new`, `${seconds < 0 ? "-" : "+"}${Math.abs(seconds)}\n`);
    renameSync(`${file}.new`, file);
  };
  set(0);
  return {
    environment: {
      LD_PRELOAD: library(),
      FAKETIME_TIMESTAMP_FILE: file,
      // Seconds after which the file is read again.
      FAKETIME_CACHE_DURATION: "1",
      // Timers and time-outs are not of the clock on the wall.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      NO_FAKE_STAT: "1",
    },
    set,
  };
}
