import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { SignedGrant } from "@flashline/contract";
import { writeDurably } from "@flashline/durable-files";
import { z } from "zod";
import { Point } from "./clock.ts";

const Taken = z.object({ place: z.number().int(), jobId: z.string(), serial: z.string() });

/** A grant that this station has. */
const Held = z.object({
  signed: SignedGrant,
  /** Counts from when it was asked for. */
  point: Point,
  /** Places that units have. */
  taken: z.array(Taken),
});
export type Held = z.infer<typeof Held>;

/** What the station knows of its grants. */
const Kept = z.object({
  /** The key that signs grants, as it was first told where the enrollment told none. */
  key: z.string().nullable(),
  held: Held.nullable(),
  /** A grant that was asked for and may have been given. Time counts from the first time that it was. */
  asking: z.object({ id: z.string(), point: Point }).nullable(),
  /** Nothing is flashed under these any more; the server has to hear of it. */
  returning: z.array(z.string()),
  /** By grant of these, the places that units may have had. Files of earlier agents have none. */
  taken: z.record(z.string(), z.array(z.number().int())).default({}),
});
export type Kept = z.infer<typeof Kept>;

const NOTHING: Kept = { key: null, held: null, asking: null, returning: [], taken: {} };
const FILE = "grant.json";

/** The file of the grants: a change counts once it is on the disk. */
export interface KeptGrants {
  readonly now: Kept;
  /**
   * Changes what is kept, one change after the other. Resolves when it survives a power cut; until then `now` is as before. Rejects, and nothing is changed,
   * where the disk cannot be written.
   */
  change(how: (kept: Kept) => Kept): Promise<void>;
}

/** A file that cannot be read is as none: its grant is not used, and the server keeps its places until somebody ends it. */
async function readKept(path: string): Promise<Kept> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return NOTHING;
  try {
    return Kept.parse(JSON.parse(text));
  } catch {
    return NOTHING;
  }
}

export async function openKept(dataDir: string): Promise<KeptGrants> {
  const path = join(dataDir, FILE);
  let kept = await readKept(path);
  let tail: Promise<unknown> = Promise.resolve();
  return {
    get now() {
      return kept;
    },
    change(how) {
      const done = tail.then(async () => {
        const next = how(kept);
        if (next === kept) return;
        await writeDurably(path, JSON.stringify(next));
        kept = next;
      });
      tail = done.catch(() => undefined);
      return done;
    },
  };
}
