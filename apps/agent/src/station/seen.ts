import { readFile } from "node:fs/promises";
import { writeDurably } from "@flashline/durable-files";
import type { Logger } from "pino";
import { z } from "zod";
import type { Journal } from "../journal/journal.ts";
import type { Board } from "./board.ts";

/** Which FAILs somebody has seen: acknowledged, or the unit was scanned again. The others are shown after a restart. */
export interface SeenResults {
  has(nest: string, attemptId: string): boolean;
  /** Keeps from now on which FAILs the board no longer shows. */
  watch(board: Board, journal: Pick<Journal, "finished">): void;
  /** Resolves when everything that was seen is on the disk. */
  idle(): Promise<void>;
}

/** The latest FAIL that was seen, by nest. */
const Seen = z.record(z.string(), z.string());

/** What cannot be read or written costs no more than a FAIL that is shown once more. */
export async function openSeenResults(path: string, log: Logger): Promise<SeenResults> {
  const text = await readFile(path, "utf8").catch(() => "{}");
  const seen = new Map(Object.entries(parsed(text)));
  let writing: Promise<void> = Promise.resolve();

  const write = (): void => {
    writing = writing
      .then(() => writeDurably(path, JSON.stringify(Object.fromEntries(seen))))
      .catch((err: unknown) => log.warn({ err, step: "seen" }, "what was seen cannot be kept"));
  };

  return {
    has: (nest, attemptId) => seen.get(nest) === attemptId,
    watch(board, journal) {
      let shown = new Set<string>();
      board.subscribe(() => {
        const failed = board.nests().filter(({ state }) => state === "fail");
        const now = new Set(failed.map(({ name }) => name));
        const gone = [...shown].filter((nest) => !now.has(nest));
        shown = now;
        if (gone.length === 0) return;
        const finished = journal.finished();
        for (const nest of gone) {
          const last = finished.findLast(({ summary }) => summary?.nest === nest);
          if (last !== undefined) seen.set(nest, last.attemptId);
        }
        write();
      });
    },
    idle: () => writing,
  };
}

function parsed(text: string): z.infer<typeof Seen> {
  try {
    return Seen.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
