import { FlashlineError } from "@flashline/contract";

/** A list cannot go on after a row that it does not have; an empty page would look like its end. */
export const noRowBefore = (): FlashlineError =>
  new FlashlineError("request.invalid", "after: this list has no such row.");
