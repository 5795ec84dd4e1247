/** For how long in one piece a port was seen empty, from look to look. */
export class EmptyTime {
  #since: number | undefined;
  /** The longest such time, milliseconds. */
  longestMs = 0;

  /** What a look showed. A port that could not be asked is not empty. */
  saw(isEmpty: boolean): void {
    const now = performance.now();
    this.#since = isEmpty ? (this.#since ?? now) : undefined;
    if (this.#since !== undefined) this.longestMs = Math.max(this.longestMs, now - this.#since);
  }
}
