import { type Code, FlashlineError, type RefusalParameters } from "@flashline/contract";

/** Why a unit may not be flashed, or its job not go on. */
export interface JobRefusal {
  readonly code: Code;
  /** One plain English sentence. */
  readonly message: string;
  /** The facts in the sentence. */
  readonly parameters?: RefusalParameters;
}

/** The refusal as the error that a request ends with. */
export const refusalError = ({ code, message, parameters }: JobRefusal): FlashlineError =>
  new FlashlineError(code, message, { parameters });
