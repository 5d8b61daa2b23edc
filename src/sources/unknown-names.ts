/** Names of an upstream that the configuration does not map: counted for metrics, and listed for the person who maps them. */

const MOST_NAMES = 8;
const LONGEST_NAME = 40;

export class UnknownNames {
  #count = 0;
  readonly #names = new Set<string>();

  add(name: string): void {
    this.#count += 1;
    // Upstreams can send anything, so only a few names are kept, on one line.
    if (this.#names.size < MOST_NAMES) this.#names.add(name.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, LONGEST_NAME));
  }

  get count(): number {
    return this.#count;
  }

  /** A few of them, in the order they came. */
  get names(): readonly string[] {
    return [...this.#names];
  }
}
