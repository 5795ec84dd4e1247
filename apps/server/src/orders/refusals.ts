import { FlashlineError } from "@flashline/contract";
import type { ReleaseFacts } from "./repository.ts";

export const noSuchOrder = (name: string): FlashlineError =>
  new FlashlineError("request.not_found", `There is no work order ${name}.`, {
    parameters: { order: name },
  });

/** The id of a release that an order may have. Throws `release.*` and `request.invalid` for any other. */
export function usableRelease(
  facts: Pick<ReleaseFacts, "releaseId" | "state" | "expired">,
  version: string,
): string {
  if (facts.releaseId === null) {
    throw new FlashlineError("request.invalid", `The product has no release ${version}.`, {
      parameters: { version },
    });
  }
  if (facts.state === "revoked") throw new FlashlineError("release.revoked");
  if (facts.state !== "released") throw new FlashlineError("release.not_released");
  if (facts.expired) throw new FlashlineError("release.expired");
  return facts.releaseId;
}
