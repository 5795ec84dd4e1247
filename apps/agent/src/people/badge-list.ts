import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BadgeHolder, StationBadges } from "@flashline/contract";
import { writeDurably } from "@flashline/durable-files";
import type { Logger } from "pino";
import { z } from "zod";
import type { ServerLink } from "../server/link.ts";

/** Whose badge it is by the kept list. `too-old`: the server has not confirmed the list for so long that it says nothing any more. */
export type Known =
  | { readonly kind: "person"; readonly person: BadgeHolder; readonly content: string }
  | { readonly kind: "lost" | "unknown" | "too-old" };

/** What this station knows of badges without the server. */
export interface BadgeList {
  /** `contents`: what may have been read from the badge, the likeliest first. */
  find(contents: readonly string[]): Known;
  /** Names of the people who have a badge in the list, by id; undefined while there is no list. */
  people(): ReadonlyMap<string, string> | undefined;
  /** Asks the server, and keeps what it says for a start without it. */
  refresh(link: ServerLink, signal: AbortSignal): Promise<void>;
}

/** A list that the server has not confirmed for longer does not count, milliseconds. Nobody is asked by it who was sent away since. */
const MOST_AGE_MS = 24 * 3_600_000;
/** So far ahead of this PC's clock a list is still believed: the clock was set back a little. */
const AHEAD_MS = 5 * 60_000;
const FILE = "badges.json";

const Kept = z.object({ confirmedAt: z.iso.datetime(), list: StationBadges });
type Kept = z.infer<typeof Kept>;

const digestOf = (key: string, content: string): string =>
  createHmac("sha256", Buffer.from(key, "base64")).update(content.trim(), "utf8").digest("hex");

async function readKept(path: string): Promise<Kept | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return Kept.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** `now` is wall time, milliseconds: the list's age outlives this process. */
export async function openBadgeList(
  dataDir: string,
  log: Logger,
  now: () => number = Date.now,
): Promise<BadgeList> {
  const path = join(dataDir, FILE);
  let kept = await readKept(path);

  const counts = ({ confirmedAt }: Kept): boolean => {
    const age = now() - Date.parse(confirmedAt);
    return age < MOST_AGE_MS && age > -AHEAD_MS;
  };

  return {
    find(contents) {
      if (kept === undefined || !counts(kept)) return { kind: "too-old" };
      const { keys, badges } = kept.list;
      for (const content of contents) {
        for (const { id, key } of keys) {
          const digest = digestOf(key, content);
          const badge = badges.find((one) => one.keyId === id && one.digest === digest);
          if (badge === undefined) continue;
          if (badge.person === null) return { kind: "lost" };
          return { kind: "person", person: badge.person, content };
        }
      }
      return { kind: "unknown" };
    },
    people() {
      const people = kept?.list.badges.flatMap(({ person }) => person ?? []);
      return people && new Map(people.map(({ id, name }) => [id, name]));
    },
    async refresh(link, signal) {
      const known = kept?.list.version;
      const headers = known === undefined ? {} : { "if-none-match": `"${known}"` };
      const { body } = await link.call("stationBadges", {}, { signal, headers });
      const list = body ?? kept?.list;
      if (list === undefined) return;
      kept = { confirmedAt: new Date(now()).toISOString(), list };
      await writeDurably(path, JSON.stringify(kept)).catch((err: unknown) =>
        log.warn({ err, step: "badges" }, "the list of badges cannot be kept"),
      );
    },
  };
}
