import { join } from "node:path";
import {
  FlashlineError,
  RefusedError,
  type StationPageView,
  type UpdateFacts,
  type UpdateProgress,
  type WantedUpdate,
} from "@flashline/contract";
import type { PublicKey } from "@flashline/signing";
import type { Logger } from "pino";
import type { ServerLink } from "../server/link.ts";
import { rest } from "../signals.ts";
import { type CheckedUpdate, checkUpdate } from "./check.ts";
import { readCurrent, writeCurrent } from "./current.ts";
import { fetchBundle } from "./fetch-bundle.ts";
import type { Work } from "./idle.ts";
import type { OpenedUpdates } from "./opened.ts";
import { INCOMING, tidy } from "./tidy.ts";
import { unpack } from "./unpack.ts";

/** Looks for what the server asks for, and brings this PC there. */
export interface Updater {
  /** No unit is started: another version is about to run, or this one has not shown yet that it is healthy. */
  readonly blocks: boolean;
  readonly view: StationPageView["update"];
  /** The nests or the setup have changed. */
  changed(): void;
  /** This version has shown that it is healthy. What was known to be good tells it at each start. */
  confirmed(): Promise<void>;
  stop(): Promise<void>;
}

export interface UpdaterOptions {
  /** Undefined: not started by the package's launcher. Then nothing is taken, and the server hears why. */
  readonly opened: OpenedUpdates | undefined;
  readonly version: string;
  readonly keys: () => Promise<readonly PublicKey[]>;
  readonly wanted: () => WantedUpdate | null;
  readonly work: () => Work;
  readonly link: ServerLink;
  readonly log: Logger;
  /** Blocking has begun or ended. */
  readonly onChange: () => void;
  /** Ends the agent once `last` is done; the launcher then starts the version that `last` has named. Returns at once. */
  readonly leave: (last: () => Promise<void>) => void;
  /** After so long without a moment in which nothing is in work no new unit is started, so that there will be one. Milliseconds. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 600_000;
const LOOK_MS = 500;
const IDLE_MS = 60_000;
const RETRY_MS = 5_000;
/** The server hears of the switch before it, where it answers in this time. */
const LAST_WORD_MS = 2_000;

const PLATFORM = `${process.platform}-${process.arch}`;

/** Another try may come further: the server is away, or has not got the bytes at hand. */
const isPassing = (error: unknown): boolean =>
  error instanceof RefusedError ||
  (error instanceof FlashlineError &&
    (error.code === "agent.offline" || error.code === "agent.image_unavailable"));

export function startUpdater(options: UpdaterOptions): Updater {
  const { opened, version, keys, wanted, work, link, log, onChange } = options;
  const patienceMs = options.patienceMs ?? PATIENCE_MS;
  const stopping = new AbortController();
  let wake = new AbortController();
  let blocks = opened?.onTrial ?? false;
  let isLeaving = false;
  let told: string | undefined;
  let reporting: Promise<unknown> = Promise.resolve();
  /** The update that was looked at last. */
  let lookedAt: string | undefined;

  const block = (now: boolean): void => {
    if (blocks === now) return;
    blocks = now;
    onChange();
  };

  async function facts(): Promise<UpdateFacts> {
    const pinned = await keys();
    return {
      launcher: opened?.launched.launcher ?? null,
      platform: PLATFORM,
      node: process.versions.node,
      keys: [...new Set(pinned.map(({ keyId }) => keyId))].slice(0, 32),
      newest: opened?.newest.kind === "known" ? opened.newest.version : null,
    };
  }

  /** Tells the server what it does not know yet, one report after the other. One that does not arrive is sent again. */
  function report(timeoutMs?: number): Promise<void> {
    const done = reporting.then(() => send(timeoutMs));
    reporting = done.catch(() => undefined);
    return done;
  }

  async function send(timeoutMs: number | undefined): Promise<void> {
    const body = { facts: await facts(), update: opened?.state?.progress ?? null };
    const text = JSON.stringify(body);
    if (text === told) return;
    const { signal } = stopping;
    await link.call("reportUpdate", { body }, timeoutMs === undefined ? { signal } : { timeoutMs });
    told = text;
  }

  const reportSoon = (): void =>
    void report().catch((err: unknown) => log.debug({ err, step: "update" }, "not reported"));

  async function note(
    of: OpenedUpdates,
    id: string,
    name: string | null,
    change: Partial<UpdateProgress>,
  ): Promise<void> {
    const none = { percent: null, nest: null, code: null, detail: "", runs: version };
    const progress = { step: "waiting", ...none, ...change, id };
    if (JSON.stringify(of.state) === JSON.stringify({ progress, name })) return;
    // How much of a bundle is there its file says.
    if (progress.step === "fetching") of.show({ progress, name });
    else await of.keep({ progress, name });
    onChange();
    reportSoon();
  }

  /** Until nothing is in work. False: the update is not wanted any more. */
  async function untilIdle(of: OpenedUpdates, id: string, name: string): Promise<boolean> {
    const began = Date.now();
    for (;;) {
      if (stopping.signal.aborted || wanted()?.id !== id) return false;
      const now = work();
      const isLate = Date.now() - began >= patienceMs;
      if (now.kind === "none" || (blocks && !now.must)) {
        block(true);
        return true;
      }
      if (isLate) block(true);
      await note(of, id, name, { step: "waiting", nest: now.nest });
      wake = new AbortController();
      await rest(LOOK_MS, stopping.signal, wake.signal);
    }
  }

  async function switchTo(
    of: OpenedUpdates,
    id: string,
    { name, manifest }: CheckedUpdate,
  ): Promise<void> {
    const { versions, started } = of.launched;
    await note(of, id, name, { step: "switching" });
    await report(LAST_WORD_MS).catch(() => undefined);
    log.info({ step: "update", version: manifest.version }, "ends, to start as another version");
    isLeaving = true;
    options.leave(async () => {
      try {
        await writeCurrent(versions, { name, state: "trial", starts: 0, previous: started });
      } catch (error) {
        const detail = error instanceof Error ? error.message : String(error);
        await note(of, id, name, { step: "failed", code: "update.disk", detail });
      }
    });
  }

  async function pursue(of: OpenedUpdates, update: WantedUpdate): Promise<void> {
    const { launched } = of;
    const { id } = update;
    const pinned = await keys();
    const checked = checkUpdate(update, {
      keys: pinned,
      launched,
      version,
      platform: PLATFORM,
      node: process.versions.node,
      newest: of.newest,
    });
    const { manifest, name } = checked;
    if (name === launched.started || manifest.version === version) {
      return await note(of, id, name, { step: "done" });
    }
    const { archive } = manifest;
    if (!(await of.has(name))) {
      await tidy(launched.versions, await of.kept(), archive.sha256);
      const incoming = join(launched.versions, INCOMING);
      const file = await fetchBundle({
        incoming,
        archive,
        signal: stopping.signal,
        part: (sha256, offset) => link.updatePart(sha256, offset, stopping.signal),
        onProgress: (percent) => {
          if (wanted()?.id !== id) throw new FlashlineError("agent.offline", "It is not wanted.");
          void note(of, id, name, { step: "fetching", percent });
        },
      });
      const target = join(launched.versions, name);
      await unpack(file, archive, join(incoming, name), target);
      await tidy(launched.versions, new Set([...(await of.kept()), name]), undefined);
    }
    try {
      if (await untilIdle(of, id, name)) await switchTo(of, id, checked);
    } finally {
      if (!isLeaving) block(false);
    }
  }

  /** A full disk ends no agent that works: the next start notes it. */
  async function noteNewest(of: OpenedUpdates): Promise<void> {
    await of.noteNewest(version).catch((err: unknown) => {
      log.error({ err, step: "update" }, "cannot note which version is the newest here");
    });
    wake.abort();
  }

  /** One look. Answers with how long to rest, milliseconds. */
  async function look(): Promise<number> {
    const update = wanted();
    lookedAt = update?.id;
    const isOver = (id: string): boolean => {
      const known = opened?.state?.progress;
      return known?.id === id && (known.step === "done" || known.step === "failed");
    };
    if (opened !== undefined && !opened.onTrial && update !== null && !isOver(update.id)) {
      try {
        await pursue(opened, update);
      } catch (error) {
        if (stopping.signal.aborted) return 0;
        if (isPassing(error)) {
          log.debug({ err: error, step: "update" }, "not fetched yet");
          return RETRY_MS;
        }
        const code = error instanceof FlashlineError ? error.code : "internal.bug";
        const detail = error instanceof Error ? error.message.slice(0, 400) : String(error);
        log.error({ err: error, step: "update", code }, "the update was not taken");
        await note(opened, update.id, null, { step: "failed", code, detail });
      }
    }
    try {
      await report();
      return IDLE_MS;
    } catch (error) {
      log.debug({ err: error, step: "update" }, "not reported");
      // An older server knows of no updates.
      return error instanceof RefusedError ? IDLE_MS : RETRY_MS;
    }
  }

  const loop = (async () => {
    while (!stopping.signal.aborted && !isLeaving) {
      wake = new AbortController();
      const ms = await look().catch((err: unknown) => {
        log.error({ err, step: "update" }, "cannot look for updates");
        return RETRY_MS;
      });
      if (!isLeaving) await rest(ms, stopping.signal, wake.signal);
    }
  })();

  return {
    get blocks() {
      return blocks;
    },
    get view() {
      const progress = opened?.state?.progress;
      if (!blocks || opened === undefined) return null;
      return { isTrial: opened.onTrial, nest: progress?.nest ?? null };
    },
    changed() {
      // Nests change all the time.
      if (wanted()?.id !== lookedAt) wake.abort();
    },
    async confirmed() {
      if (opened === undefined) return;
      if (!opened.onTrial) return await noteNewest(opened);
      const { versions, started } = opened.launched;
      const before = await readCurrent(versions);
      const previous = before?.previous ?? "package";
      await writeCurrent(versions, { name: started, state: "good", starts: 0, previous });
      await opened.isHealthy(version);
      await noteNewest(opened);
      await tidy(versions, await opened.kept(), undefined);
      log.info({ step: "update", version }, "this version is healthy, and stays");
      block(false);
      wake.abort();
    },
    async stop() {
      stopping.abort();
      if (!isLeaving) await loop;
    },
  };
}
