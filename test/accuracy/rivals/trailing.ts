/** The last values of a series, with their exact median and spread. */

/** First index whose value is not below `value`. */
function place(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function middleOf(sorted: ArrayLike<number>): number {
  const n = sorted.length;
  return n === 0 ? Number.NaN : (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2;
}

export class Trailing {
  readonly #longest: number;
  readonly #inOrder: number[] = [];
  readonly #sorted: number[] = [];

  /** @param longest how many values are kept */
  constructor(longest: number) {
    this.#longest = longest;
  }

  get length(): number {
    return this.#inOrder.length;
  }

  push(value: number): void {
    this.#inOrder.push(value);
    this.#sorted.splice(place(this.#sorted, value), 0, value);
    if (this.#inOrder.length > this.#longest) this.#sorted.splice(place(this.#sorted, this.#inOrder.shift()!), 1);
  }

  /** NaN while there is nothing. */
  median(): number {
    return middleOf(this.#sorted);
  }

  /** Median absolute deviation from the median; not scaled. */
  deviation(): number {
    const median = this.median();
    return middleOf(Float64Array.from(this.#sorted, (value) => Math.abs(value - median)).sort());
  }
}
