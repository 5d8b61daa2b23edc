export interface RateLimitOptions {
  /** Most calls at once. */
  readonly burst: number;
  readonly perSecond: number;
}

/** A token bucket: `burst` at once, `perSecond` in the long run. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  #left: number;
  #at: number;

  constructor(options: RateLimitOptions, now: number) {
    this.#options = options;
    this.#left = options.burst;
    this.#at = now;
  }

  /** Takes one token. False when none is left. `now` in ms. */
  take(now: number): boolean {
    const refill = ((now - this.#at) / 1000) * this.#options.perSecond;
    this.#left = Math.min(this.#options.burst, this.#left + refill);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
