import { readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

/** In a data folder that was restored: where its content comes from. */
export const RESTORED = "restored.json";

export const Restored = z.object({
  /** Folder of the back-up. */
  from: z.string(),
  /** The machine and the moment of the back-up: what was acknowledged later is not in it. */
  hostname: z.string(),
  backedUpAt: z.string(),
  version: z.string(),
  restoredAt: z.string(),
  skippedNumbers: z.number(),
});
export type Restored = z.infer<typeof Restored>;

/** Undefined where the data folder was never restored, or what tells of it cannot be read. */
export async function readRestored(dataFolder: string): Promise<Restored | undefined> {
  const text = await readFile(path.join(dataFolder, RESTORED), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return Restored.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
