import { FlashlineError, ReleaseState } from "@flashline/contract";

/** A release that is to be a canary. `predecessor`: what the others would get, null where there is nothing. */
export interface Candidate {
  readonly product: string;
  readonly version: string;
  readonly state: string;
  readonly predecessor: string | null;
}

/** `asked`: the predecessor that was asked for. */
const noPredecessor = ({ product, version }: Candidate, asked: string | null): FlashlineError =>
  new FlashlineError(
    "release.no_predecessor",
    asked === null
      ? `${product} has no released release with a lower counter than ${version}.`
      : `${asked} is no released release of ${product} with a lower counter than ${version}.`,
    { parameters: { product, version } },
  );

/** Throws what {@link candidateRefusal} says, and answers with the predecessor. */
export function mustBeCandidate(
  candidate: Candidate & { readonly predecessorId: string | null },
  asked: string | null,
): { readonly predecessor: string; readonly predecessorId: string } {
  const refusal = candidateRefusal(candidate, asked);
  if (refusal !== null) throw refusal;
  const { predecessor, predecessorId } = candidate;
  if (predecessor === null || predecessorId === null) throw noPredecessor(candidate, asked);
  return { predecessor, predecessorId };
}

/** Why it cannot be one. `asked`: the predecessor that was asked for. */
export function candidateRefusal(
  candidate: Candidate,
  asked: string | null,
): FlashlineError | null {
  const { product, version, state, predecessor } = candidate;
  if (state !== ReleaseState.Draft) {
    return new FlashlineError("request.conflict", `${product} ${version} is no draft.`, {
      parameters: { product, version },
    });
  }
  return predecessor === null ? noPredecessor(candidate, asked) : null;
}

/** A unit cannot be in two canaries: one at a time a product. */
export const otherCanary = (product: string, cause?: unknown): FlashlineError =>
  new FlashlineError(
    "release.canary_other",
    `Another release of ${product} is a canary: promote or revoke it first.`,
    { cause, parameters: { product } },
  );
