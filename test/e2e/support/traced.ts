import { readFile, truncate } from "node:fs/promises";

/** What makes something durable, or gives it its name, or takes it away. */
export const DURABLE_CALLS = ["fsync", "rename", "unlink"] as const;
export type DurableCall = (typeof DURABLE_CALLS)[number];

/** The process is killed before its `nth` such call has an effect. */
export interface KillPoint {
  readonly call: DurableCall;
  readonly nth: number;
}

/** A call of a traced process on a file. */
interface TracedCall {
  readonly call: string;
  /** Of a rename: the new name. */
  readonly path: string;
}

/**
 * The words to run a program under strace, which writes its calls to `log`: no hook in the product decides where it may die. One thread
 * makes all calls on files, because strace counts the calls of each thread.
 */
export const tracedBy = (log: string, { call, nth }: KillPoint): readonly string[] => [
  ...["strace", "-D", "-f", "-qq", "-y", "-s", "200", "-o", log, "-E", "UV_THREADPOOL_SIZE=1"],
  ...["-e", `trace=write,${DURABLE_CALLS.join(",")}`],
  ...["-e", `inject=${call}:signal=SIGKILL:when=${nth}`],
];

/** What the traced process did to files below `folder`, in its order; the last is the one that it was killed at. */
export async function callsBelow(folder: string, log: string): Promise<readonly TracedCall[]> {
  const lines = (await readFile(log, "utf8")).split("\n");
  return lines.flatMap((line) => {
    const [, call, words] = /^\d+\s+(\w+)\((.*)$/.exec(line) ?? [];
    if (call === undefined || words === undefined) return [];
    const [, open] = /^\d+<([^>]*)>/.exec(words) ?? [];
    const named = [...words.matchAll(/"((?:[^"\\]|\\.)*)"/g)].at(-1)?.[1];
    const path = open ?? named ?? "";
    return path === folder || path.startsWith(`${folder}/`) ? [{ call, path }] : [];
  });
}

/** Takes the last line away, as a power cut does that comes before it was synchronised. */
export async function loseLastLine(path: string): Promise<void> {
  const content = await readFile(path);
  await truncate(path, content.lastIndexOf(0x0a, content.length - 2) + 1);
}
