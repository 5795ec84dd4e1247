import { type ChildProcess, spawn } from "node:child_process";
import type { Hook } from "./hooks-file.ts";

/** How a command ended. `said`: the first line of its standard error. */
export type HookEnd =
  | { readonly kind: "done" }
  | { readonly kind: "refused"; readonly said: string }
  | { readonly kind: "late" };

/** Of a command's standard error, so much is looked at. */
const SAID_BYTES = 4096;
/** What a command has of the agent's own environment. */
const PASSED_ON = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR"];

/**
 * Runs a command in a process group of its own, and kills the whole group when the time is over or `signal` aborts. Never rejects but for
 * the signal's reason.
 */
export async function runHook(
  hook: Hook,
  environment: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<HookEnd> {
  signal?.throwIfAborted();
  const [program = "", ...args] = "command" in hook ? hook.command : ["/bin/sh", "-c", hook.shell];
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  const env = { ...Object.fromEntries(passedOn), ...environment };
  let child: ChildProcess;
  try {
    child = spawn(program, args, { detached: true, env, stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    return { kind: "refused", said: error instanceof Error ? error.message : String(error) };
  }
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    if (said.length < SAID_BYTES) said += chunk;
  });
  const end = await new Promise<HookEnd>((resolve) => {
    const timer = setTimeout(() => {
      killGroup(child);
      resolve({ kind: "late" });
    }, hook.seconds * 1000);
    const abort = (): void => {
      killGroup(child);
      resolve({ kind: "late" });
    };
    signal?.addEventListener("abort", abort, { once: true });
    const ended = (how: () => HookEnd): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      resolve(how());
    };
    child.once("error", (error) => ended(() => ({ kind: "refused", said: error.message })));
    child.once("exit", (code, killedBy) => {
      // What it has written may not have been read yet. A process that it left behind may hold the pipe for ever.
      setTimeout(() => {
        const how = code === null ? `It was ended by ${killedBy}.` : `It ended with ${code}.`;
        ended(() =>
          code === 0 ? { kind: "done" } : { kind: "refused", said: firstLine(said) ?? how },
        );
      }, 20);
    });
  });
  child.stderr?.destroy();
  signal?.throwIfAborted();
  return end;
}

const firstLine = (said: string): string | undefined =>
  said
    .split("\n")
    .map((line) => line.trim())
    .find((line) => line !== "")
    ?.slice(0, 300);

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It ended meanwhile.
  }
}
