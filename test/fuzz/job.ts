/** What a fuzzing thread is told. */
export interface FuzzJob {
  readonly target: string;
  /** File of the bundled parsers; only its coverage counts. */
  readonly parsers: string;
  readonly seed: number;
  /** Inputs that an earlier run kept; tried before anything is mutated. */
  readonly corpus: readonly Uint8Array[];
  readonly ms: number;
  /** Int32Array: how many inputs were begun, and the length of the latest. */
  readonly beat: SharedArrayBuffer;
  /** The latest input. */
  readonly input: SharedArrayBuffer;
}

export interface FuzzResult {
  readonly runs: number;
  /** Inputs that reached something new. */
  readonly corpus: readonly Uint8Array[];
  /** Characters of the parsers' script that ran. */
  readonly reached: number;
  readonly findings: readonly { readonly what: string; readonly input: Uint8Array }[];
}
