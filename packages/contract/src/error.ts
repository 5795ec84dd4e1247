import { z } from "zod";
import { CODES, type Code } from "./codes.ts";

/** Body of every refused request. */
export const ErrorBody = z.looseObject({
  code: z.string(),
  blame: z.string(),
  /** For an engineer, with the values that matter. */
  message: z.string(),
  /** For an operator: what to do now. */
  action: z.string(),
  requestId: z.string().optional(),
  details: z.unknown().optional(),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

/** True of a FlashlineError with this code. */
export const isCode = (error: unknown, code: Code): error is FlashlineError =>
  error instanceof FlashlineError && error.code === code;

/** An error with a code of the table; what crosses a process border is its {@link ErrorBody}. */
export class FlashlineError extends Error {
  override readonly name = "FlashlineError";
  readonly code: Code;
  readonly details: unknown;

  constructor(code: Code, message?: string, options?: ErrorOptions & { details?: unknown }) {
    super(message ?? CODES[code].meaning, options);
    this.code = code;
    this.details = options?.details;
  }

  get status(): number {
    const entry = CODES[this.code];
    return "status" in entry ? entry.status : 500;
  }

  body(requestId?: string): ErrorBody {
    const { blame, action } = CODES[this.code];
    return {
      code: this.code,
      blame,
      message: this.message,
      action,
      ...(requestId === undefined ? {} : { requestId }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}
