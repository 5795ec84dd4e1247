import { z } from "zod";
import { CODES, type Code } from "./codes.ts";

/** The facts in a refusal's sentence, by name. With the code they let a reader make the sentence in its own language. */
export const RefusalParameters = z.record(z.string(), z.union([z.string(), z.number()]));
export type RefusalParameters = Readonly<z.infer<typeof RefusalParameters>>;

/** Body of every refused request. */
export const ErrorBody = z.looseObject({
  code: z.string(),
  blame: z.string(),
  /** For an engineer, in English, with the values that matter. */
  message: z.string(),
  /** The same values by name; absent where the sentence has none. */
  parameters: RefusalParameters.optional(),
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
  readonly parameters: RefusalParameters | undefined;
  readonly details: unknown;

  constructor(
    code: Code,
    message?: string,
    options?: ErrorOptions & { details?: unknown; parameters?: RefusalParameters | undefined },
  ) {
    super(message ?? CODES[code].meaning, options);
    this.code = code;
    this.parameters = options?.parameters;
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
      ...(this.parameters === undefined ? {} : { parameters: this.parameters }),
      ...(requestId === undefined ? {} : { requestId }),
      ...(this.details === undefined ? {} : { details: this.details }),
    };
  }
}
