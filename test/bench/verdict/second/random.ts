const SPREAD_OUT = [0x2c1b_3c6d, 0x297a_2d39] as const;

/** Four words of state from a text: FNV-1a, once for each word, and a finaliser so that near texts give far states. */
function wordsOf(text: string): [number, number, number, number] {
  let hash = 0x811c_9dc5;
  const word = (k: number): number => {
    for (let at = 0; at < text.length; at += 1)
      hash = Math.imul(hash ^ (text.charCodeAt(at) + k * 77), 0x0100_0193);
    hash ^= hash >>> 15;
    hash = Math.imul(hash, SPREAD_OUT[0]);
    hash ^= hash >>> 12;
    hash = Math.imul(hash, SPREAD_OUT[1]);
    hash ^= hash >>> 15;
    return hash | 0;
  };
  return [word(0), word(1), word(2), word(3)];
}

/** The second simulator's own generator: sfc32 too, with other seeds and other ways to each distribution. */
export class SecondRandom {
  #a: number;
  #b: number;
  #c: number;
  #count: number;
  /** Normal numbers come in pairs: the one that was not taken yet. */
  #spare: number | undefined;

  constructor(seed: string) {
    [this.#a, this.#b, this.#c, this.#count] = wordsOf(seed);
    for (let round = 0; round < 20; round += 1) this.uniform();
  }

  /** From 0 up to, and not including, 1. */
  uniform(): number {
    const t = (((this.#a + this.#b) | 0) + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0;
    return (t >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.uniform() * limit);
  }

  between([from, to]: readonly [number, number]): number {
    return from + (to - from) * this.uniform();
  }

  /** Its logarithm is uniform. */
  logBetween([from, to]: readonly [number, number]): number {
    return Math.exp(this.between([Math.log(from), Math.log(to)]));
  }

  /** Mean 1. */
  exponential(): number {
    return -Math.log(1 - this.uniform());
  }

  /** Box and Muller's pairs. */
  normal(): number {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined) return spare;
    const radius = Math.sqrt(2 * this.exponential());
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  /** Mean 1 and this standard deviation of the logarithm. */
  logNormal(deviation: number): number {
    return Math.exp(deviation * this.normal() - deviation ** 2 / 2);
  }

  /** Mean `shape`, which is 1 or more: Marsaglia and Tsang, ACM Trans. Math. Softw. 26 (2000) 363. */
  gamma(shape: number): number {
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v <= 0) continue;
      if (Math.log(1 - this.uniform()) < x ** 2 / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** Mean 1 and this coefficient of variation, 0 to 1: gamma, which is exponential at 1. */
  factor(variation: number): number {
    if (variation === 0) return 1;
    if (variation === 1) return this.exponential();
    return this.gamma(1 / variation ** 2) * variation ** 2;
  }
}
