import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ErrorBody } from "@flashline/contract";
import { removeDurably, writeDurably } from "@flashline/durable-files";
import { z } from "zod";
import { AttemptSummary } from "../journal/entry.ts";
import type { JournaledAttempt } from "../journal/fold.ts";

/** Counters and compaction compare it: a text that is no time counts for no day. */
const Time = z.iso.datetime().catch(new Date(0).toISOString());

/** A result that the server refused for good. Files of earlier agents have neither summary nor time. */
const Kept = z.object({
  body: z.string(),
  summary: AttemptSummary.optional(),
  endedAt: Time.optional(),
});

/** What can be read of a result's own bytes. */
const Told = z.object({
  outcome: z.enum(["PASS", "FAIL"]).catch("FAIL"),
  durationMs: z.number().catch(0),
  finishedAt: Time,
});

const NOTHING_TOLD = Told.parse({});

/** A result as the journal takes it to send it once more. */
export type SetAside = Required<
  Pick<JournaledAttempt, "attemptId" | "body" | "summary" | "endedAt">
>;

/** Results that the server refused for good: kept, counted, and sent again when somebody asks for it. */
export interface Aside {
  /** How many lie there. */
  readonly count: number;
  keep(attempt: JournaledAttempt, refusal: ErrorBody): Promise<void>;
  /** The server has it after all. */
  forget(attemptId: string): Promise<void>;
  /** Without files that cannot be read; `unreadable` names those. */
  list(): Promise<{
    readonly results: readonly SetAside[];
    readonly unreadable: readonly string[];
  }>;
}

const ENDING = ".json";

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readKept(attemptId: string, text: string): SetAside | undefined {
  const kept = Kept.safeParse(jsonOf(text)).data;
  if (kept === undefined) return undefined;
  const { body, summary, endedAt } = kept;
  const { outcome, durationMs, finishedAt } = Told.catch(NOTHING_TOLD).parse(jsonOf(body));
  return {
    attemptId,
    body,
    summary: summary ?? { serial: attemptId, nest: "", outcome, durationMs },
    endedAt: endedAt ?? finishedAt,
  };
}

/** One file a result in `folder`, with the server's reason. */
export async function openAside(folder: string): Promise<Aside> {
  const names = async () =>
    (await readdir(folder).catch(() => [])).filter(
      (name) => name.endsWith(ENDING) && !name.startsWith("."),
    );
  const known = new Set(await names());
  return {
    get count() {
      return known.size;
    },
    async keep({ attemptId, body = "", summary, endedAt }, refusal) {
      const name = `${attemptId}${ENDING}`;
      const content = JSON.stringify({ refusal, summary, endedAt, body }, undefined, 2);
      await writeDurably(join(folder, name), `${content}\n`);
      known.add(name);
    },
    async forget(attemptId) {
      const name = `${attemptId}${ENDING}`;
      if (!known.has(name)) return;
      await removeDurably(join(folder, name));
      known.delete(name);
    },
    async list() {
      const results: SetAside[] = [];
      const unreadable: string[] = [];
      for (const name of await names()) {
        const text = await readFile(join(folder, name), "utf8").catch(() => "");
        const read = readKept(name.slice(0, -ENDING.length), text);
        if (read === undefined) unreadable.push(name);
        else results.push(read);
      }
      return { results, unreadable };
    },
  };
}
