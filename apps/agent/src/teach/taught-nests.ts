import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { removeDurably, writeDurably } from "@flashline/durable-files";
import { z } from "zod";

const TaughtNest = z.object({
  name: z.string(),
  /** As the kernel named the port when it was last looked at. */
  portPath: z.string(),
  /** What the nest is bound to; null for one that was enrolled by its port path alone. */
  place: z.object({ controller: z.string(), ports: z.string() }).nullable(),
});
/** A nest as this PC knows it. */
export type TaughtNest = Readonly<z.infer<typeof TaughtNest>>;

const File = z.object({ nests: z.array(TaughtNest) });
const pathOf = (dataDir: string): string => join(dataDir, "nests.json");

/** Undefined where none was ever taught: the nests are those that the PC was enrolled with. A file that cannot be read counts as none. */
export async function readTaughtNests(dataDir: string): Promise<readonly TaughtNest[] | undefined> {
  try {
    return File.parse(JSON.parse(await readFile(pathOf(dataDir), "utf8"))).nests;
  } catch {
    return undefined;
  }
}

/** Is there after a power cut. */
export async function writeTaughtNests(
  dataDir: string,
  nests: readonly TaughtNest[],
): Promise<void> {
  await writeDurably(pathOf(dataDir), `${JSON.stringify({ nests }, undefined, 2)}\n`);
}

/** The nests are those of an enrollment from now on. */
export const forgetTaughtNests = (dataDir: string): Promise<void> => removeDurably(pathOf(dataDir));
