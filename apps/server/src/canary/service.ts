import {
  type CanaryRequest,
  type CanaryResumeRequest,
  FlashlineError,
  ReleaseState,
} from "@flashline/contract";
import type { z } from "zod";
import type { Database } from "../db/database.ts";
import { violatedConstraint } from "../db/errors.ts";
import { lockSigner } from "../db/signer.ts";
import type { Sql } from "../db/sql.ts";
import type { Origin } from "../ledger/origin.ts";
import { recordEvent } from "../ledger/record.ts";
import { takeYardstick } from "./judge.repository.ts";
import {
  addCanary,
  type CanaryRow,
  lockCanary,
  lockCandidate,
  pauseOn,
  resumeOn,
  stationsNamed,
} from "./repository.ts";
import { mustBeCandidate, otherCanary } from "./rules.ts";

const noCanary = (): FlashlineError =>
  new FlashlineError("request.not_found", "This release is no canary.");

/** Throws `request.invalid` with the names that no station has. */
export async function stationIdsOf(sql: Sql, names: readonly string[]): Promise<readonly string[]> {
  const found = await stationsNamed(sql, names);
  const unknown = names.filter((name) => !found.some((one) => one.name === name));
  if (unknown.length === 0) return found.map(({ id }) => id);
  throw new FlashlineError("request.invalid", `There is no station ${unknown.join(", ")}.`, {
    parameters: { stations: unknown.join(", ") },
  });
}

/** No unit gets what a key signed that was revoked, or took no new releases any more, in this moment. Throws `release.key_unknown` and `release.key_retired`. */
async function mustBeSigned(sql: Sql, releaseId: string): Promise<void> {
  const { keyId = "", revoked, retired } = (await lockSigner(sql, releaseId)) ?? {};
  const parameters = { keyId };
  if (revoked) throw new FlashlineError("release.key_unknown", undefined, { parameters });
  if (retired) throw new FlashlineError("release.key_retired", undefined, { parameters });
}

const sameNames = (a: readonly string[], b: readonly string[]): boolean =>
  [...new Set(a)].toSorted().join("\n") === [...new Set(b)].toSorted().join("\n");

const isSame = (canary: CanaryRow, asked: z.output<typeof CanaryRequest>): boolean =>
  sameNames(canary.stations, asked.stations) &&
  canary.units === asked.units &&
  canary.predecessor === (asked.predecessor ?? canary.predecessor);

/**
 * Canaries. An order goes on naming the release that it named: that is the canary's predecessor. Only while a canary goes on do its stations
 * give its first units the canary instead; so nothing has to be put back when it is paused.
 */
export function canaryService({ transaction }: Database) {
  /** Undefined where another request just made it a canary: to be looked at again. */
  const begin = (
    id: string,
    request: z.output<typeof CanaryRequest>,
    by: Origin,
  ): Promise<readonly string[] | undefined> =>
    transaction(async (sql) => {
      await mustBeSigned(sql, id);
      const stationIds = await stationIdsOf(sql, request.stations);
      const before = await lockCanary(sql, id);
      if (before !== undefined) {
        if (before.state === ReleaseState.Canary && isSame(before, request)) return stationIds;
        throw new FlashlineError(
          "request.conflict",
          `${before.product} ${before.version} is or was a canary (${before.used} of ${before.units} units at ${before.stations.join(", ")}). Resume it, with other stations or units where that is meant.`,
          { parameters: { product: before.product, version: before.version } },
        );
      }
      const release = await lockCandidate(sql, id, request.predecessor);
      if (release === undefined)
        throw new FlashlineError("request.not_found", "There is no such release.");
      const { product, version } = release;
      if (release.state === ReleaseState.Canary) return undefined;
      const asked = request.predecessor ?? null;
      const { predecessor, predecessorId } = mustBeCandidate(release, asked);
      const { units, reason } = request;
      await addCanary(sql, { releaseId: id, predecessorId, stationIds, units, reason, by }).catch(
        (error: unknown) => {
          const isOther = violatedConstraint(error) === "release_canary_once";
          throw isOther ? otherCanary(product, error) : error;
        },
      );
      await takeYardstick(sql, id);
      await recordEvent(sql, {
        kind: "release.canary-started",
        by,
        subject: { id, name: `${product} ${version}` },
        before: { state: "draft" },
        after: { state: "canary" },
        reason,
        data: { predecessor, stations: [...new Set(request.stations)].toSorted(), units },
      });
      return stationIds;
    });

  return {
    /** Of a draft whose check passed: `mustBeReady` has looked. The same again is no error. Answers with the stations. */
    async start(
      id: string,
      request: z.output<typeof CanaryRequest>,
      by: Origin,
    ): Promise<readonly string[]> {
      return (await begin(id, request, by)) ?? (await begin(id, request, by)) ?? [];
    },
    /** A paused one stays as it is. Answers with the stations. */
    pause(id: string, reason: string, by: Origin): Promise<readonly string[]> {
      return transaction(async (sql) => {
        const canary = await lockCanary(sql, id);
        if (canary === undefined) throw noCanary();
        if (canary.state !== ReleaseState.Canary && canary.state !== ReleaseState.Paused) {
          throw new FlashlineError(
            "request.conflict",
            `${canary.product} ${canary.version} is ${canary.state}; its canary is over.`,
            { parameters: { state: canary.state } },
          );
        }
        await pauseOn(sql, id, reason, by);
        return canary.stationIds;
      });
    },
    /** Answers with the stations that it has or had. */
    resume(
      id: string,
      request: z.output<typeof CanaryResumeRequest>,
      by: Origin,
    ): Promise<readonly string[]> {
      return transaction(async (sql) => {
        const canary = await lockCanary(sql, id);
        if (canary === undefined) throw noCanary();
        const { product, version, state, used } = canary;
        if (state !== ReleaseState.Canary && state !== ReleaseState.Paused) {
          throw new FlashlineError(
            "request.conflict",
            `${product} ${version} is ${state}; its canary is over.`,
            { parameters: { state } },
          );
        }
        const stations = request.stations ?? canary.stations;
        const units = request.units ?? canary.units;
        if (units < used) {
          throw new FlashlineError(
            "request.invalid",
            `${used} units have it already; it cannot be for ${units}.`,
            { parameters: { used, units } },
          );
        }
        const stationIds =
          request.stations === undefined
            ? canary.stationIds
            : await stationIdsOf(sql, request.stations);
        const anew = state === ReleaseState.Paused;
        if (!anew && units === canary.units && sameNames(stations, canary.stations)) {
          return stationIds;
        }
        await resumeOn(sql, id, { stationIds, units, anew });
        const after = { stations: [...new Set(stations)].toSorted(), units };
        await recordEvent(sql, {
          kind: "release.canary-resumed",
          by,
          subject: { id, name: `${product} ${version}` },
          before: { state, stations: canary.stations, units: canary.units },
          after: { state: "canary", ...after },
          reason: request.reason,
          data: after,
        });
        return [...new Set([...stationIds, ...canary.stationIds])];
      });
    },
  };
}
