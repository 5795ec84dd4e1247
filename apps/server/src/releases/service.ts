import { createHash } from "node:crypto";
import {
  type CanaryView,
  FlashlineError,
  type PublishRequest,
  ReleaseCheck,
  ReleaseState,
  type ReleaseView,
  viewRecipe,
} from "@flashline/contract";
import type { z } from "zod";
import { evidenceView } from "../canary/repository.ts";
import { databaseErrorFrom } from "../db/errors.ts";
import { noRowBefore } from "../http/lists.ts";
import type { KeysService } from "../keys/service.ts";
import type { Origin } from "../ledger/origin.ts";
import type { Added } from "./add-draft.ts";
import { type CheckInput, checkRelease } from "./check.ts";
import { bytesOf, checkSignature, readManifest, signerOf } from "./manifest.ts";
import type { Promotion, ReleaseFilter, ReleaseRow, ReleasesRepository } from "./repository.ts";

/** A check that has not been done after this time is announced again. */
const LOST_MS = 30_000;

/** What is wrong with the release itself; anything else is our own trouble, and the check is tried again. */
const FINDING = /^(release|image|options|plan)\./;

const canaryOf = ({
  startedAt,
  pausedAt,
  ...row
}: NonNullable<ReleaseRow["canary"]>): CanaryView => ({
  ...row,
  startedAt: new Date(startedAt).toISOString(),
  pausedAt: pausedAt === null ? null : new Date(pausedAt).toISOString(),
  evidence: evidenceView({ ...row, units: row.judged }, row.waiting),
});

function viewOf({ counterExcepted: _, ...row }: ReleaseRow): ReleaseView {
  return {
    ...row,
    canary: row.canary === null ? null : canaryOf(row.canary),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    releasedAt: row.releasedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}

function refusalOf(added: Exclude<Added, { id: string }>): FlashlineError {
  switch (added.refused) {
    case "product":
      return new FlashlineError("release.product_unknown", `There is no product ${added.what}.`, {
        parameters: { product: added.what },
      });
    case "version":
      return new FlashlineError(
        "release.version_used",
        `Release ${added.what} exists with other content.`,
        { parameters: { version: added.what } },
      );
    case "counter":
      return new FlashlineError(
        "release.counter_used",
        `The counter must rise; release ${added.version} has counter ${added.counter}.`,
        { parameters: { version: added.version, counter: added.counter } },
      );
    case "step": {
      const { counter, most, last } = added;
      const above = last === null ? "" : `, and the last one is ${last}`;
      return new FlashlineError(
        "release.counter_step",
        `Looks like a typing mistake: counter ${counter} is above ${most}${above}.`,
        { parameters: { counter, most, ...(last === null ? {} : { last }) } },
      );
    }
    case "image":
      return new FlashlineError("release.image_missing", `Image ${added.what} was not uploaded.`, {
        parameters: { sha256: added.what },
      });
  }
}

const keyUnknown = (keyId: string, why: string): FlashlineError =>
  new FlashlineError("release.key_unknown", `Key ${keyId} is ${why}.`, { parameters: { keyId } });
const keyRetired = (keyId: string): FlashlineError =>
  new FlashlineError(
    "release.key_retired",
    `Key ${keyId} was retired: what it released stays good, but it takes no new releases.`,
    { parameters: { keyId } },
  );

/** The release that was made of the same bytes before. Throws `request.conflict` where it was published with another signature. */
function sameAs(same: ReleaseRow, signature: string): ReleaseView {
  if (same.signature === signature) return viewOf(same);
  throw new FlashlineError(
    "request.conflict",
    "This manifest was published with another signature.",
  );
}

export interface ReleasesParts {
  readonly repository: ReleasesRepository;
  readonly keys: Pick<KeysService, "signer">;
  readonly readImage: CheckInput["read"];
  /** After a commit: the outbox has something, and pages should look again. */
  readonly changed: (releaseId: string) => void;
}

/** Releases from publishing to revocation. What is signed, stored and sent on are the exact bytes that came. */
export function releasesService({ repository, keys, readImage, changed }: ReleasesParts) {
  async function rowOf(id: string): Promise<ReleaseRow> {
    const row = await repository.release({ id });
    if (row === undefined)
      throw new FlashlineError("request.not_found", "There is no such release.");
    return row;
  }
  const view = async (id: string): Promise<ReleaseView> => viewOf(await rowOf(id));

  /** `isNew`: the release is taken now. What a key signed before it retired stays good. */
  async function verify(bytes: Uint8Array, signature: string, isNew: boolean): Promise<string> {
    const keyId = signerOf(signature);
    const key = await keys.signer(keyId);
    if (key === undefined) throw keyUnknown(keyId, "not trusted here");
    checkSignature(bytes, signature, key.publicKey);
    if (isNew && key.retired) throw keyRetired(keyId);
    return keyId;
  }

  /** Rejects with the reason when the release can be neither promoted nor a canary: unchecked, paused, revoked, or of a key that is not trusted. */
  async function mustBeReady(id: string): Promise<void> {
    const row = await rowOf(id);
    if (row.state === ReleaseState.Revoked) throw new FlashlineError("release.revoked");
    if (row.state === ReleaseState.Paused) {
      throw new FlashlineError(
        "release.paused",
        `The canary of ${row.version} is paused: ${row.canary?.pausedReason ?? "?"}`,
        { parameters: { version: row.version } },
      );
    }
    if (row.check !== ReleaseCheck.Passed) {
      throw new FlashlineError("release.unchecked", row.checkMessage ?? undefined);
    }
    if (row.counterExcepted) {
      throw new FlashlineError(
        "release.counter_used",
        `Release ${row.version} was published under an exception, with a used counter: it is never released.`,
        { parameters: { version: row.version, counter: row.counter } },
      );
    }
    const key = await keys.signer(row.keyId);
    if (key === undefined) throw keyUnknown(row.keyId, "no longer trusted");
    if (key.retired) throw keyRetired(row.keyId);
    if (row.expiresAt !== null && row.expiresAt.getTime() <= Date.now()) {
      throw new FlashlineError("release.expired");
    }
  }

  return {
    view,
    async list(filter: ReleaseFilter): Promise<ReleaseView[]> {
      const rows = await repository.releases(filter);
      if (rows.length === 0 && filter.after !== undefined) {
        if ((await repository.release({ id: filter.after })) === undefined) throw noRowBefore();
      }
      return rows.map(viewOf);
    },
    /** Publishing the same bytes with the same signature again answers with the release that it made before. */
    async publish(
      request: z.output<typeof PublishRequest>,
      by: Origin,
    ): Promise<{ created: boolean; release: ReleaseView }> {
      const manifest = bytesOf(request.manifest);
      const manifestSha256 = createHash("sha256").update(manifest).digest("hex");
      const same = await repository.release({ manifestSha256 });
      const keyId = await verify(manifest, request.signature, same === undefined);
      const content = readManifest(manifest);
      if (same !== undefined) return { created: false, release: sameAs(same, request.signature) };
      const added = await repository.add(
        {
          product: content.product,
          version: content.version,
          counter: content.counter,
          chip: content.chip,
          boardRevisions: content.boardRevisions,
          manifest,
          manifestSha256,
          signature: request.signature,
          keyId,
          recipe: viewRecipe(content.recipe),
          expiresAt: content.expiresAt === undefined ? null : new Date(content.expiresAt),
          images: content.images.map(({ name, sha256, address }) => ({
            name,
            sha256,
            address: address ?? null,
          })),
        },
        by,
      );
      if (!("id" in added)) {
        // Whoever sent it at the same time was faster.
        const faster = await repository.release({ manifestSha256 });
        if (faster === undefined) throw refusalOf(added);
        return { created: false, release: sameAs(faster, request.signature) };
      }
      changed(added.id);
      return { created: true, release: await view(added.id) };
    },
    /** The `release` queue's work. Everything is looked at again from the stored bytes; a second run changes nothing. */
    async check(id: string): Promise<void> {
      const release = await repository.signed(id);
      if (release === undefined || release.check !== ReleaseCheck.Pending) return;
      try {
        await verify(release.manifest, release.signature, false);
        const images = await checkRelease({
          manifest: readManifest(release.manifest),
          productChip: release.productChip,
          boardRevisions: release.boardRevisions,
          read: readImage,
        });
        await repository.settle(id, { images });
      } catch (error) {
        if (!(error instanceof FlashlineError) || !FINDING.test(error.code)) {
          await repository.note(id, databaseErrorFrom(error).message).catch(() => undefined);
          throw error;
        }
        await repository.settle(id, { code: error.code, message: error.message });
      }
      changed(id);
    },
    mustBeReady,
    /** Rejects with the reason when the release is no checked draft or canary. A released one stays as it is; channels are moved to it all the same. */
    async promote(id: string, also: Promotion, by: Origin): Promise<ReleaseView> {
      const { channels, reason } = also;
      if (channels.length > 0 && reason === undefined) {
        throw new FlashlineError("request.invalid", "Say why the channels are moved: a reason.");
      }
      const row = await rowOf(id);
      if (row.state === ReleaseState.Released) {
        if (channels.length === 0) return viewOf(row);
        await repository.moveChannels(id, channels, reason ?? "", by);
        changed(id);
        return view(id);
      }
      await mustBeReady(id);
      if (!(await repository.promote(id, also, by))) {
        // Paused or revoked since; what is left is that its time is over.
        await mustBeReady(id);
        throw new FlashlineError("release.expired");
      }
      changed(id);
      return view(id);
    },
    /** Takes a draft back: what was uploaded stays, version and counter are free again. Rejects with `release.not_draft` for any other. */
    async withdraw(id: string, reason: string, by: Origin): Promise<void> {
      const { version, state } = await rowOf(id);
      if (!(await repository.withdraw(id, reason, by))) {
        const why =
          state === ReleaseState.Draft
            ? `Orders or units have release ${version}, under an exception.`
            : `Release ${version} is ${state}.`;
        throw new FlashlineError("release.not_draft", why, {
          parameters: { version, state },
        });
      }
      changed(id);
    },
    /** From now on no start with it. A revoked one stays as it is. */
    async revoke(id: string, reason: string, by: Origin): Promise<ReleaseView> {
      const row = await rowOf(id);
      if (row.state === ReleaseState.Revoked) return viewOf(row);
      const revoked = await repository.revoke(id, reason, by);
      // Nobody has it: it is withdrawn instead.
      if (!revoked && row.state === ReleaseState.Draft) {
        throw new FlashlineError("release.not_released");
      }
      changed(id);
      return view(id);
    },
    announceLost: () => repository.announceLost(LOST_MS),
  };
}
