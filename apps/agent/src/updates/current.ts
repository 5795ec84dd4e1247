import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { removeDurably, writeDurably } from "@flashline/durable-files";

/**
 * Which version the launcher starts, in one line that it reads and writes too: `NAME good|trial STARTS PREVIOUS`. One file, so that a power cut leaves
 * the old state or the new one.
 */
export interface Current {
  readonly name: string;
  /** A trial goes back to `previous` after so many starts without a word that it is healthy. */
  readonly state: "good" | "trial";
  readonly starts: number;
  readonly previous: string;
}

const LINE = /^([\w.+-]+) (good|trial) (\d+) ([\w.+-]+)$/;

/** Undefined where the package's own version runs, and where the line cannot be read: the launcher decides the same. */
export async function readCurrent(versions: string): Promise<Current | undefined> {
  const text = await readFile(join(versions, "current"), "utf8").catch(() => "");
  const [, name, state, starts, previous] = LINE.exec(text.trim()) ?? [];
  if (name === undefined || previous === undefined) return undefined;
  return { name, state: state === "trial" ? "trial" : "good", starts: Number(starts), previous };
}

export async function writeCurrent(
  versions: string,
  { name, state, starts, previous }: Current,
): Promise<void> {
  await writeDurably(join(versions, "current"), `${name} ${state} ${starts} ${previous}\n`);
}

/** What became of a trial that the launcher ended, with what the version said of it last. */
export interface FailedTrial {
  readonly name: string;
  readonly said: string;
}

/** Undefined: none failed since the last {@link forgetFailedTrial}. */
export async function readFailedTrial(versions: string): Promise<FailedTrial | undefined> {
  const read = (file: string) => readFile(join(versions, file), "utf8").catch(() => "");
  const [name = ""] = (await read("failed")).trim().split(" ");
  if (name === "") return undefined;
  return { name, said: (await read("said")).trim().slice(0, 400) };
}

export async function forgetFailedTrial(versions: string): Promise<void> {
  // The reason first: without it a failure is still told, the other way round an old reason would be told of another one.
  await removeDurably(join(versions, "said"));
  await removeDurably(join(versions, "failed"));
}

/** Why this version does not come up, for the one that runs after it. */
export async function saySick(versions: string, why: string): Promise<void> {
  await writeDurably(join(versions, "said"), `${why.slice(0, 400)}\n`);
}
