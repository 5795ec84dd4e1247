import { createHash } from "node:crypto";
import {
  type BadgeHolder,
  type BadgeView,
  FlashlineError,
  Role,
  type StationBadges,
} from "@flashline/contract";
import type { Caller } from "../http/caller.ts";
import type { Origin } from "../ledger/origin.ts";
import type { Locked } from "../people/repository.ts";
import type { Vault } from "../storage/vault.ts";
import { type BadgeKey, badgeDigest, badgeKey } from "./digest.ts";
import type { BadgeRow, BadgesRepository, Candidate } from "./repository.ts";

const notFound = () => new FlashlineError("request.not_found", "There is no such badge.");

/** A lead gives and ends badges of operators: whoever made themselves a lead's or an admin's badge could do what those may. */
function mustBeFor(role: string, caller: Caller): void {
  if (caller.kind !== "person" || caller.role === Role.Admin || role === Role.Operator) return;
  throw new FlashlineError(
    "auth.forbidden",
    "Only an admin gives other people than operators a badge.",
  );
}

/** By what people are known at stations. */
export function badgesService(repository: BadgesRepository, vault: Pick<Vault, "keyFor">) {
  const keys = async (): Promise<readonly BadgeKey[]> => {
    const generations = await repository.generations();
    return (generations.length === 0 ? [1] : generations).map((each) => badgeKey(vault, each));
  };
  const candidatesOf = (known: readonly BadgeKey[], content: string): readonly Candidate[] =>
    known.map((key) => ({
      generation: key.generation,
      keyId: key.id,
      digest: badgeDigest(key, content),
    }));

  function viewOf(row: BadgeRow, known: readonly BadgeKey[]): BadgeView {
    const { keyId, digest: _, personId: __, givenAt, lastUsedAt, endedAt, ...same } = row;
    return {
      ...same,
      readable: known.some(({ id }) => id === keyId),
      givenAt: givenAt.toISOString(),
      lastUsedAt: lastUsedAt?.toISOString() ?? null,
      endedAt: endedAt?.toISOString() ?? null,
    };
  }
  async function shown(id: string): Promise<BadgeView> {
    const row = await repository.badge(id);
    if (row === undefined) throw notFound();
    return viewOf(row, await keys());
  }

  return {
    async list(filter: Parameters<BadgesRepository["list"]>[0]): Promise<BadgeView[]> {
      const known = await keys();
      return (await repository.list(filter)).map((row) => viewOf(row, known));
    },
    /** The same again is no error. Rejects with `request.not_found`, `badge.disabled`, `badge.taken` and `auth.forbidden`. */
    async give(idOrName: string, content: string, reason: string, caller: Caller, by: Origin) {
      const candidates = candidatesOf(await keys(), content);
      const mayHave = ({ role, disabled }: Locked) => {
        mustBeFor(role, caller);
        if (disabled) throw new FlashlineError("badge.disabled");
      };
      const given = await repository.give({ person: idOrName, mayHave, candidates, reason }, by);
      return { isNew: given.isNew, badge: await shown(given.id) };
    },
    /** Ending it again is no error. */
    async end(
      id: string,
      as: "lost" | "returned",
      reason: string,
      caller: Caller,
      by: Origin,
    ): Promise<BadgeView> {
      const badge = await repository.badge(id);
      if (badge === undefined) throw notFound();
      // Anybody's badge that was lost is reported by whoever leads the shift.
      if (as !== "lost") mustBeFor(badge.role, caller);
      await repository.end(badge, as, reason, by);
      return await shown(id);
    },
    keys: repository.keys,
    async rotate(from: number, reason: string, by: Origin) {
      const isNew = await repository.rotate(from, reason, by);
      return { isNew, keys: await repository.keys() };
    },
    async retire(generation: number, reason: string, by: Origin) {
      await repository.retire(generation, reason, by);
      return await repository.keys();
    },
    /** What a station of the plant needs to know badges without the server. */
    async forStation(plantId: string): Promise<StationBadges> {
      const known = await keys();
      const rows = await repository.forStation(
        plantId,
        known.map(({ id }) => id),
      );
      const told = {
        keys: known.map(({ id, key }) => ({ id, key: key.toString("base64") })),
        badges: rows.map(({ keyId, digest, lost, ...person }) => ({
          keyId,
          digest,
          person: lost ? null : person,
        })),
      };
      const version = createHash("sha256").update(JSON.stringify(told)).digest("hex").slice(0, 32);
      return { version, ...told };
    },
    /**
     * Whose badge it is; from now on it is known by the newest key. Rejects with `badge.unknown`, `badge.lost`, `badge.disabled` and
     * `badge.other_plant`.
     */
    async present(content: string, plantId: string): Promise<BadgeHolder> {
      const candidates = candidatesOf(await keys(), content);
      const found = await repository.known(candidates);
      if (found === undefined || (found.endedAt !== null && found.endedAs !== "lost")) {
        throw new FlashlineError("badge.unknown");
      }
      if (found.endedAt !== null) throw new FlashlineError("badge.lost");
      if (found.disabled) throw new FlashlineError("badge.disabled");
      if (found.plantId !== null && found.plantId !== plantId) {
        throw new FlashlineError("badge.other_plant");
      }
      const [newest] = candidates;
      if (newest !== undefined) await repository.used(found.id, newest);
      return { id: found.personId, name: found.person, role: found.role };
    },
  };
}
