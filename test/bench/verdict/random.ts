/** A seeded generator: sfc32 by Chris Doty-Humphrey, public domain. The same seed gives the same plant on every machine. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  constructor(seed: number) {
    this.#a = seed >>> 0;
    this.#b = 0x9e37_79b9;
    this.#c = 0x243f_6a88;
    for (let round = 0; round < 15; round += 1) this.#next();
  }

  #next(): number {
    const t = (this.#a + this.#b + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t;
    return t >>> 0;
  }

  /** From 0 up to, and not including, 1. */
  unit(): number {
    return this.#next() / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.unit() * limit);
  }

  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.unit())) * Math.cos(2 * Math.PI * this.unit());
  }

  /** Mean 1 and this coefficient of variation, log-normal. */
  factor(variation: number): number {
    if (variation === 0) return 1;
    const sd = Math.sqrt(Math.log(1 + variation ** 2));
    return Math.exp(sd * this.normal() - sd ** 2 / 2);
  }
}
