import { FlashlineError } from "@flashline/contract";
import type { ReleaseFacts } from "./repository.ts";

export const noSuchOrder = (name: string): FlashlineError =>
  new FlashlineError("request.not_found", `There is no work order ${name}.`, {
    parameters: { order: name },
  });

/** The release was a draft, under an exception, and was withdrawn in this moment. */
export const releaseGone = (cause: unknown): FlashlineError =>
  new FlashlineError("request.conflict", "The release was withdrawn at this moment: look again.", {
    cause,
  });

type Facts = Pick<ReleaseFacts, "releaseId" | "state" | "expired" | "excepted">;

function mustExist({ releaseId }: Pick<Facts, "releaseId">, version: string): string {
  if (releaseId !== null) return releaseId;
  throw new FlashlineError("request.invalid", `The product has no release ${version}.`, {
    parameters: { version },
  });
}

/** The id of a release that is out. Throws `release.*` and `request.invalid` for any other. */
export function usableRelease(facts: Omit<Facts, "excepted">, version: string): string {
  const releaseId = mustExist(facts, version);
  if (facts.state === "revoked") throw new FlashlineError("release.revoked");
  if (facts.state !== "released") throw new FlashlineError("release.not_released");
  if (facts.expired) throw new FlashlineError("release.expired");
  return releaseId;
}

/** The id of a release that an order may name: one that is out, or one that an exception is for. Its units are held against the exception one by one. */
export const orderableRelease = (facts: Facts, version: string): string =>
  facts.excepted ? mustExist(facts, version) : usableRelease(facts, version);
