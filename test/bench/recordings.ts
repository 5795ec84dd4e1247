import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { replaceFile } from "@flashline/durable-files";
import { MachineError } from "../vm/harness/cache.ts";
import type { DeviceLog } from "./device-log.ts";
import { type Sample, TOOLS, type Tool } from "./emulated.ts";
import { type PartState, STATES } from "./subject.ts";

/** What one tool asked of the unit in its last round. */
export interface Recording {
  readonly tool: Tool;
  readonly state: PartState;
  readonly log: DeviceLog;
}

const FILE = fileURLToPath(new URL("../../artifacts/bench-recordings.json", import.meta.url));

export const lastRounds = (samples: readonly Sample[]): readonly Recording[] =>
  STATES.flatMap((state) =>
    TOOLS.flatMap(
      (tool) => samples.findLast((one) => one.tool === tool && one.state === state) ?? [],
    ),
  ).map(({ tool, state, log }) => ({ tool, state, log }));

/** They are the same in every run of the same tools, so they can be replayed without the machine. */
export async function keepRecordings(recordings: readonly Recording[]): Promise<void> {
  await mkdir(dirname(FILE), { recursive: true });
  const text = JSON.stringify(recordings, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
  );
  await replaceFile(FILE, text, undefined);
}

/** @throws MachineError when there are none */
export async function keptRecordings(): Promise<readonly Recording[]> {
  const text = await readFile(FILE, "utf8").catch((cause: unknown) => {
    throw new MachineError(`${FILE} is made by a run with the virtual machine`, { cause });
  });
  return JSON.parse(text, (key, value: unknown) =>
    key === "data" && typeof value === "string"
      ? new Uint8Array(Buffer.from(value, "base64"))
      : value,
  );
}
