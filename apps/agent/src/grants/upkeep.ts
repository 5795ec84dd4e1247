import { type AgentAbility, isCode } from "@flashline/contract";
import type { Logger } from "pino";
import { v7 as uuid7 } from "uuid";
import type { ServerLink } from "../server/link.ts";
import { isFinal, mayBeRepeated } from "../server/refusal.ts";
import { type Reading, startAt } from "./clock.ts";
import { type HeldGrants, idOf } from "./grants.ts";
import type { KeptGrants } from "./kept.ts";
import { type Checks, type ReadyGrant, readyGrant } from "./ready.ts";

/** Keeps a grant at hand while the server is there, and gives back what is not needed. */
export interface GrantUpkeep {
  /** Something may have changed that the grant rests on: it is asked for anew. Returns at once. */
  changed(): void;
  /** A result was delivered: what waits for that is done. Returns at once. */
  delivered(): void;
  stop(): Promise<void>;
}

export interface GrantUpkeepOptions {
  readonly grants: HeldGrants;
  readonly kept: KeptGrants;
  readonly checks: Checks;
  readonly link: ServerLink;
  readonly log: Logger;
  readonly reading: () => Reading;
  /** What this station can do for a release. */
  readonly abilities: readonly AgentAbility[];
  /** The key that the server says it signs grants with; null: the plant gives none. Undefined: not known yet. */
  readonly told: () => string | null | undefined;
  /** Puts the release's images into the cache: without the server nobody can fetch them. */
  readonly fetchImages: (ready: ReadyGrant, signal: AbortSignal) => Promise<void>;
}

/** Changes that come close together ask once, milliseconds. */
const AT_MOST_EVERY_MS = 5_000;
/** How often it is looked whether a grant is old; an idle station asks the server no sooner. */
const LOOK_EVERY_MS = 60_000;
/** While the server is there, time is written down with every so manieth look. */
const SELDOM = 10;
/** One that is so old is replaced, so that a server that goes away leaves at least the rest. */
const OLD = 0.5;
/** After a refusal it is asked so often, milliseconds, where nothing else tells of a change. */
const AGAIN_MS = 30 * 60_000;

export function startUpkeep(options: GrantUpkeepOptions): GrantUpkeep {
  const { grants, kept, link, log, reading, told } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  let wanted = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  /** Tells the server of grants under which nothing goes on any more, once it has all their results. */
  async function giveBack(): Promise<void> {
    for (const id of kept.now.returning) {
      if (signal.aborted || !grants.isSettled(id)) continue;
      try {
        const taken = kept.now.taken[id];
        const body = taken && { taken };
        await link.call("returnGrant", { params: { id }, body }, { signal });
      } catch (error) {
        if (!isFinal(error)) throw error;
        log.warn({ step: "grant", grant: id, code: error.refusal.code }, "not taken back");
      }
      await kept.change((now) => {
        const { [id]: _, ...taken } = now.taken;
        return { ...now, returning: now.returning.filter((one) => one !== id), taken };
      });
    }
  }

  /** The first key that is told counts from then on, where the enrollment told none. */
  async function pin(key: string): Promise<void> {
    if (options.checks.key() === undefined) await kept.change((now) => ({ ...now, key }));
  }

  async function askFor(): Promise<void> {
    const known = kept.now.asking ?? { id: uuid7(), point: startAt(reading()) };
    // On the disk before it is sent: whatever comes between, the same grant is asked for, and its time counts from here.
    await kept.change((now) => ({ ...now, asking: known }));
    const body = { abilities: [...options.abilities] };
    const answer = await link.call("askGrant", { params: { id: known.id }, body }, { signal });
    const { grant: signed, refusal } = answer.body;
    if (signed === null) {
      log.info({ step: "grant", code: refusal?.code, reason: refusal?.message }, "no grant");
      return await grants.replace(null, true);
    }
    const ready = await readyGrant(signed, known.point, options.checks);
    await options.fetchImages(ready, signal);
    await grants.replace(ready, false);
    const { units, until, order } = ready.grant;
    log.info(
      { step: "grant", grant: known.id, order, units, until },
      "may flash without the server",
    );
  }

  /** A grant that cannot be used is given back like any other. */
  async function dropAsked(): Promise<void> {
    await kept.change((now) =>
      now.asking === null
        ? now
        : { ...now, asking: null, returning: [...new Set([...now.returning, now.asking.id])] },
    );
  }

  async function round(): Promise<void> {
    const key = told();
    if (!link.connected || key === undefined) return;
    if (key === null) {
      wanted = false;
      if (kept.now.asking !== null) await dropAsked();
      if (idOf(kept.now.held) !== undefined) await grants.replace(null, true);
      return await giveBack();
    }
    await pin(key);
    await giveBack();
    // What was not given back yet is still kept: no more is asked for meanwhile.
    if (!wanted || kept.now.returning.length > 0) return;
    wanted = false;
    askedAt = performance.now();
    try {
      await askFor();
    } catch (error) {
      // The server, or an image, was not reached: the same grant is asked for later.
      if (mayBeRepeated(error) || isCode(error, "agent.image_unavailable")) throw error;
      log.error({ err: error, step: "grant" }, "the grant cannot be used");
      await dropAsked();
    }
    await giveBack();
  }

  function soon(): void {
    if (signal.aborted || timer !== undefined || running !== undefined) return;
    const wait = wanted ? Math.max(0, askedAt + AT_MOST_EVERY_MS - performance.now()) : 0;
    timer = setTimeout(() => {
      timer = undefined;
      running = round()
        .then(() => wanted && kept.now.returning.length === 0)
        .catch((error: unknown) => {
          if (!signal.aborted) log.debug({ err: error, step: "grant" }, "not asked");
          // With the next look, or when the server is back.
          wanted = true;
          return false;
        })
        .then((again) => {
          running = undefined;
          if (again && link.connected) soon();
        });
    }, wait);
  }

  let looks = 0;
  const looking = setInterval(() => {
    looks += 1;
    if (!link.connected || looks % SELDOM === 0) {
      grants.tick().catch((err: unknown) => log.warn({ err, step: "grant" }, "time is not kept"));
    }
    const isRefused = grants.grant === undefined;
    const isDue = isRefused ? performance.now() - askedAt > AGAIN_MS : grants.age > OLD;
    if (isDue && typeof told() === "string") wanted = true;
    if (link.connected && (wanted || kept.now.returning.length > 0)) soon();
  }, LOOK_EVERY_MS);

  return {
    changed() {
      wanted = true;
      soon();
    },
    delivered() {
      if (kept.now.returning.length > 0) soon();
    },
    async stop() {
      stopping.abort();
      clearInterval(looking);
      clearTimeout(timer);
      await running;
    },
  };
}
