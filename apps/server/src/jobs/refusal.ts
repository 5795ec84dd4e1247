import type { Code } from "@flashline/contract";

/** Why a unit may not be flashed. */
export interface Refusal {
  readonly code: Code;
  /** One plain sentence. */
  readonly message: string;
}
