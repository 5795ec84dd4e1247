import {
  called,
  FlashlineError,
  LARGEST_UPDATE_MANIFEST,
  type PushPlan,
  type PushRequest,
  type PushView,
  UpdateManifest,
  type UpdateReport,
  type UpdateRequest,
  type UpdateView,
} from "@flashline/contract";
import { KeyFileError, type PublicKey, parsePublicKey } from "@flashline/signing";
import type { z } from "zod";
import { noRowBefore } from "../http/lists.ts";
import { type Origin, ofServer } from "../ledger/origin.ts";
import { bytesOf, checkSignature } from "../releases/manifest.ts";
import { newestFor } from "./newest.ts";
import { type Placed, planPush } from "./plan.ts";
import type { ProgressRepository } from "./progress.repository.ts";
import type { PushesRepository } from "./pushes.repository.ts";
import type { UpdateStationsRepository } from "./stations.repository.ts";
import type { UpdatesRepository } from "./updates.repository.ts";

export interface UpdatesServiceOptions {
  readonly updates: UpdatesRepository;
  readonly stations: UpdateStationsRepository;
  readonly pushes: PushesRepository;
  readonly progress: ProgressRepository;
  /** Stations that should ask for their setup again; and something on the page has changed. */
  readonly tell: (stationIds: readonly string[]) => void;
}

/** Which stations a push is for. */
type Target = Pick<z.output<typeof PushRequest>, "version" | "plant" | "lines" | "stations"> & {
  readonly downgrade?: string | undefined;
};

const notFound = (what: string): FlashlineError =>
  new FlashlineError("request.not_found", `There is no ${what}.`, { parameters: { what } });

function publicKeyOf(text: string): PublicKey {
  try {
    return parsePublicKey(text);
  } catch (cause) {
    if (!(cause instanceof KeyFileError)) throw cause;
    const { message } = cause;
    throw new FlashlineError("request.invalid", `publicKey: ${message}`, {
      cause,
      parameters: { path: "publicKey", message },
    });
  }
}

/** @throws FlashlineError `update.manifest_invalid` with every problem in its details */
function manifestOf(bytes: Uint8Array): UpdateManifest {
  const code = "update.manifest_invalid";
  if (bytes.length > LARGEST_UPDATE_MANIFEST) {
    throw new FlashlineError(code, `It has more than ${LARGEST_UPDATE_MANIFEST} bytes.`, {
      parameters: { limit: LARGEST_UPDATE_MANIFEST },
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new FlashlineError(code, "The manifest is not JSON in UTF-8.", { cause });
  }
  const parsed = UpdateManifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first = "", ...more] = parsed.error.issues.map(
    ({ path, message }) => `${path.join(".")}: ${message}`,
  );
  throw new FlashlineError(code, `The manifest is not valid: ${first}`, {
    parameters: { first },
    details: [first, ...more],
  });
}

const planOf = (version: string, placed: readonly Placed[], downgrade: boolean): PushPlan => ({
  version,
  downgrade,
  stations: placed.map(
    ({ station, line, plant, version: runs, connected, inWork, wave, obstacle }) => ({
      station,
      line,
      plant,
      version: runs,
      connected,
      inWork,
      wave,
      obstacle,
    }),
  ),
});

/** Updates of the agents: what is published, and who gets it when. */
export function updatesService({
  updates,
  stations,
  pushes,
  progress,
  tell,
}: UpdatesServiceOptions) {
  /** Rejects with `request.not_found`, `request.invalid` and `request.conflict`. */
  async function placed(target: Target): Promise<readonly Placed[]> {
    const { version, plant = null, lines, stations: named, downgrade } = target;
    if (lines.length + named.length === 0) {
      throw new FlashlineError("request.invalid", "Name the lines or the stations that it is for.");
    }
    if (downgrade !== undefined && downgrade !== version) {
      throw new FlashlineError(
        "request.invalid",
        `downgrade: going back is asked for with the version itself, ${version}.`,
        { parameters: { path: "downgrade", version } },
      );
    }
    const offered = await updates.offered(version);
    if (offered.length === 0) throw notFound(`update ${version} that is not withdrawn`);
    const candidates = await stations.candidates(lines, named, plant);
    for (const line of lines) {
      const plants = new Set(candidates.filter((one) => one.line === line).map((one) => one.plant));
      if (plants.size === 0) throw notFound(`${called("line", line)} with a station`);
      if (plants.size > 1) {
        const names = [...plants].join(", ");
        throw new FlashlineError(
          "request.conflict",
          `Several plants have a ${called("line", line)}: ${names}. Name the plant.`,
          { parameters: { line, plants: names } },
        );
      }
    }
    for (const station of named) {
      if (!candidates.some((one) => one.station === station))
        throw notFound(called("station", station));
    }
    return planPush(candidates, offered, downgrade === version);
  }

  async function advance(by = ofServer("update-pushes")): Promise<void> {
    const told = await pushes.advance(by);
    if (told.length > 0) tell(told);
  }

  async function pushOf(id: string): Promise<PushView> {
    const found = await pushes.push(id);
    if (found === undefined) throw notFound("such push");
    return found;
  }

  async function setState(
    id: string,
    from: readonly string[],
    state: "paused" | "running" | "ended",
    reason: string,
    by: Origin,
  ): Promise<PushView> {
    const done = await pushes.setState(id, from, state, reason, by);
    if (done === undefined) throw notFound("such push");
    if (done === null) {
      const { state: now } = await pushOf(id);
      throw new FlashlineError("request.conflict", `The push is ${now}.`, {
        parameters: { state: now },
      });
    }
    tell(done.stationIds);
    await advance();
    return await pushOf(id);
  }

  return {
    /** Rejects with `update.*`, `release.signature_*`, `release.image_missing`. */
    async publish(
      request: z.output<typeof UpdateRequest>,
      by: Origin,
    ): Promise<{ update: UpdateView; isNew: boolean }> {
      const bytes = bytesOf(request.manifest);
      const key = publicKeyOf(request.publicKey);
      checkSignature(bytes, request.signature, key);
      const manifest = manifestOf(bytes);
      const { signature } = request;
      const added = await updates.add({ manifest, bytes, signature, keyId: key.keyId }, by);
      if (added !== undefined) {
        if (added.isNew) tell([]);
        return added;
      }
      const { version, platform } = manifest;
      throw new FlashlineError(
        "update.version_used",
        `Another update ${version} for ${platform} is published. Withdraw it first, or give this one another version.`,
        { parameters: { version, platform } },
      );
    },
    async list(limit: number, after: string | undefined): Promise<UpdateView[]> {
      if (after !== undefined && (await updates.one(after)) === undefined) throw noRowBefore();
      return await updates.list(limit, after ?? null);
    },
    async withdraw(id: string, reason: string, by: Origin): Promise<UpdateView> {
      const done = await updates.withdraw(id, reason, by);
      if (done !== undefined) {
        tell(done.stationIds);
        await advance();
        return done.update;
      }
      const known = await updates.one(id);
      if (known === undefined) throw notFound("such update");
      const { version } = known;
      throw new FlashlineError("update.withdrawn", `${version} was withdrawn before.`, {
        parameters: { version },
      });
    },
    async stationVersions(limit: number, after: string | undefined) {
      const newest = newestFor(await updates.newest());
      const rows = await stations.overview(limit, after ?? null);
      return rows.map((row) => ({ ...row, newest: newest(row) }));
    },
    async preview(target: Target): Promise<PushPlan> {
      const of = await placed(target);
      return planOf(target.version, of, target.downgrade !== undefined);
    },
    /** Rejects with `update.none_takes` too. */
    async push(request: z.output<typeof PushRequest>, by: Origin): Promise<PushView> {
      const of = await placed(request);
      if (of.every(({ wave }) => wave === null)) {
        throw new FlashlineError(
          "update.none_takes",
          `None of the ${of.length} stations would get ${request.version}: see the preview.`,
          { parameters: { stations: of.length, version: request.version } },
        );
      }
      const { version, reason, downgrade } = request;
      const push = { version, reason, downgrade: downgrade !== undefined };
      const id = await pushes.add(push, of, by);
      // Those whom an earlier push had told.
      tell(of.flatMap(({ wave, stationId }) => (wave === null ? [] : [stationId])));
      await advance();
      return await pushOf(id);
    },
    async pushes(limit: number, after: string | undefined): Promise<PushView[]> {
      if (after !== undefined && (await pushes.push(after)) === undefined) throw noRowBefore();
      return await pushes.list(limit, after ?? null);
    },
    pause: (id: string, reason: string, by: Origin) =>
      setState(id, ["running"], "paused", reason, by),
    resume: (id: string, reason: string, by: Origin) =>
      setState(id, ["paused", "stopped"], "running", reason, by),
    end: (id: string, reason: string, by: Origin) =>
      setState(id, ["running", "paused", "stopped"], "ended", reason, by),
    async report(stationId: string, report: UpdateReport, by: Origin): Promise<void> {
      await progress.keepFacts(stationId, report.facts);
      if (report.update === null) return;
      const told = await progress.take(stationId, report.update, by);
      if (told === null) return;
      tell(told);
      await advance();
    },
    wanted: (stationId: string) => stations.wanted(stationId),
    isOffered: (sha256: string) => updates.isOffered(sha256),
    advance,
  };
}
