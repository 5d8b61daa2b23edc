/** Seeded randomness. One named stream per use, so that a new draw in one part of the world shifts no other part. */

/** FNV-1a: a text to 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

/** Scrambles a counter into 32 well-mixed bits (the finaliser of MurmurHash3). */
function scramble(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

export class Random {
  readonly #state: Uint32Array;
  #spare: number | null = null;

  /** The same name gives the same numbers for ever. */
  constructor(name: string) {
    const seed = hashText(name);
    this.#state = Uint32Array.from([1, 2, 3, 4], (step) => scramble(seed + Math.imul(step, 0x9e3779b9)));
  }

  /** 32 bits of xoshiro128** (Blackman and Vigna, 2018). */
  #next(): number {
    const s = this.#state;
    const result = Math.imul(rotateLeft(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const carry = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= carry;
    s[3] = rotateLeft(s[3]!, 11);
    return result;
  }

  /** In the open interval (0, 1): a logarithm of it is finite. */
  uniform(): number {
    return (this.#next() + 0.5) / 4_294_967_296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.uniform() * items.length)]!;
  }

  /** Standard normal, by the polar method; every second one is kept for the next call. */
  normal(): number {
    if (this.#spare !== null) {
      const spare = this.#spare;
      this.#spare = null;
      return spare;
    }
    for (;;) {
      const u = 2 * this.uniform() - 1;
      const v = 2 * this.uniform() - 1;
      const square = u * u + v * v;
      if (square > 0 && square < 1) {
        const scale = Math.sqrt((-2 * Math.log(square)) / square);
        this.#spare = v * scale;
        return u * scale;
      }
    }
  }

  exponential(mean: number): number {
    return -mean * Math.log(this.uniform());
  }

  /** Marsaglia and Tsang (2000); shapes below one by the usual power of a uniform. */
  gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * this.uniform() ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** Student's t with four degrees of freedom, scaled to unit variance: about Gaussian in the middle, heavy outside. */
  heavy(): number {
    const chiSquare = 2 * this.gamma(2);
    return this.normal() / Math.sqrt(chiSquare / 4) / Math.SQRT2;
  }

  /** Poisson count by adding up exponential waits; meant for small means. */
  poisson(mean: number): number {
    let count = 0;
    for (let sum = this.exponential(1); sum < mean; sum += this.exponential(1)) count++;
    return count;
  }
}
