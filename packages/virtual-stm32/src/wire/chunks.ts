/** Bytes of a socket until enough are there for the next message. */
export class Chunks {
  #held: Buffer = Buffer.alloc(0);

  /** The chunk is kept, not copied. */
  push(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
  }

  get length(): number {
    return this.#held.length;
  }

  /** The first bytes, left in place; undefined when there are not enough. */
  peek(length: number): Buffer | undefined {
    return this.#held.length < length ? undefined : this.#held.subarray(0, length);
  }

  take(length: number): Buffer {
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    return taken;
  }
}
