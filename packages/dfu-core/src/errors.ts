import { type Blame, ENGINE_CODES, type EngineCode } from "./codes.ts";

/** `address` is where in the unit's memory it went wrong. */
export interface DfuErrorOptions extends ErrorOptions {
  readonly address?: number;
  /** Option bytes, by name, with the values that would let the attempt go on. */
  readonly cure?: Readonly<Record<string, string>>;
}

/** The one error of this package. `code` is for programs, the message for engineers; the table in codes.ts has the operator's words. */
export class DfuError extends Error {
  override readonly name = "DfuError";
  readonly code: EngineCode;
  readonly address: number | undefined;
  readonly cure: Readonly<Record<string, string>> | undefined;

  constructor(code: EngineCode, message: string, options?: DfuErrorOptions) {
    super(message, options);
    this.code = code;
    this.address = options?.address;
    this.cure = options?.cure;
  }

  get blame(): Blame {
    return ENGINE_CODES[this.code].blame;
  }
}

/** 0x%08x, as datasheets and other tools print addresses. */
export const hex32 = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;
