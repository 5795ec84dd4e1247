import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UpdateProgress } from "@flashline/contract";
import { writeDurably } from "@flashline/durable-files";
import { z } from "zod";

const State = z.object({
  progress: UpdateProgress,
  /** The version's folder, once it is known. */
  name: z.string().nullable(),
});
/** How far the update is that the server asked for last. */
export type UpdateState = z.infer<typeof State>;

const FILE = "update.json";

/** Undefined: none was asked for, or what is there cannot be read: the server asks again. */
export async function readState(versions: string): Promise<UpdateState | undefined> {
  try {
    return State.parse(JSON.parse(await readFile(join(versions, FILE), "utf8")));
  } catch {
    return undefined;
  }
}

export const saveState = (versions: string, state: UpdateState): Promise<void> =>
  writeDurably(join(versions, FILE), `${JSON.stringify(state)}\n`);
