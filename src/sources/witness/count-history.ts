/** Counts of the last day by region, in memory: what is usual, where an upstream says only what is now. */
import { DAY_MS } from "../../model/time-units.ts";
import { median } from "./read-witness.ts";

/** An hour of counts, at one in five minutes: before that nothing is usual. */
const LEAST_COUNTS = 12;
/** A day at one count a minute. */
const MOST_COUNTS = 1440;

export class CountHistory {
  readonly #byRegion = new Map<string, { readonly at: number; readonly count: number }[]>();

  /** Whether somebody was connected there within the last day. */
  knows(region: string, at: number): boolean {
    return this.#since(region, at).some(({ count }) => count > 0);
  }

  /**
   * Takes a count, and says what it is of the median of those before it; null while there are too few of them, or where
   * nobody is usual. A count that is no newer than the last one is compared and not taken.
   *
   * @param at when it was true, ms
   */
  compare(region: string, count: number, at: number): number | null {
    const before = this.#since(region, at);
    const usual = before.length < LEAST_COUNTS ? null : median(before.map((each) => each.count));
    if (at > (before.at(-1)?.at ?? Number.NEGATIVE_INFINITY)) before.push({ at, count });
    this.#byRegion.set(region, before.slice(-MOST_COUNTS));
    return usual === null || usual <= 0 ? null : count / usual;
  }

  #since(region: string, at: number): { readonly at: number; readonly count: number }[] {
    return (this.#byRegion.get(region) ?? []).filter((each) => at - each.at <= DAY_MS);
  }
}
