import { ExitCode } from "./exit.ts";

export interface RefusalOptions extends ErrorOptions {
  readonly exit?: ExitCode;
  readonly hint?: string;
  readonly units?: readonly string[];
}

/** A command that was not carried out, with the code that says why and the exit code that tells a script. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** Of the contract's table; a newer server may send one that this version does not know. */
  readonly code: string;
  readonly exit: ExitCode;
  /** What to do about it, where that is known better than the code's own action. */
  readonly hint: string | undefined;
  /** Port paths of the candidates, where there were several. */
  readonly units: readonly string[] | undefined;

  constructor(code: string, message: string, options: RefusalOptions = {}) {
    super(message, options);
    this.code = code;
    this.exit = options.exit ?? ExitCode.Usage;
    this.hint = options.hint;
    this.units = options.units;
  }
}

/** Of an error that carries a code of the table. */
export function ofCode(error: Error & { readonly code: string }): Refusal {
  const exit = error.code === "internal.bug" ? ExitCode.Fail : ExitCode.Usage;
  return new Refusal(error.code, error.message, { cause: error, exit });
}
