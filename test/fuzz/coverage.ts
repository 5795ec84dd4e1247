import { Session } from "node:inspector";

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}
interface CoverageReply {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly Range[] }[];
  }[];
}

/**
 * V8's block coverage of one script, read in the thread that runs it. Asking costs far more than a parser's run, so it is
 * asked once for a batch of inputs, and once for each of them only where the batch reached something new.
 */
export class Coverage {
  readonly #session = new Session();
  readonly #url: string;
  readonly #reached: Uint8Array;

  /** `length` is that of the script's text. */
  constructor(url: string, length: number) {
    this.#url = url;
    this.#reached = new Uint8Array(length + 1);
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** Forgets what ran until now. */
  reset(): void {
    this.#take();
  }

  /** True when what ran since the last call reached code that nothing reached before; `keep` takes note of it. */
  isNew(keep: boolean): boolean {
    const seen = new Uint8Array(this.#reached.length);
    for (const ranges of this.#take()) {
      // Outer ranges stand before inner ones.
      for (const { startOffset, endOffset, count } of ranges) {
        seen.fill(count > 0 ? 1 : 0, startOffset, endOffset);
      }
    }
    let found = false;
    for (let at = 0; at < seen.length; at += 1) {
      if (seen[at] === 1 && this.#reached[at] === 0) {
        found = true;
        if (keep) this.#reached[at] = 1;
      }
    }
    return found;
  }

  /** Characters of the script that were reached. */
  get reached(): number {
    return this.#reached.reduce((sum, value) => sum + value, 0);
  }

  #take(): readonly (readonly Range[])[] {
    let reply: CoverageReply = { result: [] };
    // Within one thread the answer comes before post() returns.
    this.#session.post("Profiler.takePreciseCoverage", (_, answer) => {
      reply = answer as CoverageReply;
    });
    const script = reply.result.find(({ url }) => url === this.#url);
    return script?.functions.map(({ ranges }) => ranges) ?? [];
  }
}
