/** What a fuzzing thread is told. */
export interface FuzzJob {
  readonly target: string;
  /** File of the bundled parsers; only its coverage counts. */
  readonly parsers: string;
  readonly seed: number;
  readonly ms: number;
  /** Int32Array: how many inputs were begun, and the length of the latest. */
  readonly beat: SharedArrayBuffer;
  /** The latest input. */
  readonly input: SharedArrayBuffer;
}

export interface FuzzResult {
  readonly runs: number;
  /** Inputs that reached something new, and the seeds. */
  readonly corpus: number;
  /** Characters of the parsers' script that ran. */
  readonly reached: number;
  readonly findings: readonly { readonly what: string; readonly input: Uint8Array }[];
}
