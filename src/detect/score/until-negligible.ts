/** When so many onsets and ramps in a row, best first, each added less than this part to a sum, the rest adds nothing. */
const ENOUGH_COMBOS = 3;
const NEGLIGIBLE = Math.log(0.004);

/**
 * Goes through combos best first until they add nothing, and returns how many that were.
 *
 * @param sum adds the k-th and returns its largest log term
 */
export function untilNegligible(combos: readonly number[], sum: (combo: number, k: number) => number): number {
  let running = Number.NEGATIVE_INFINITY;
  let idle = 0;
  for (const [k, combo] of combos.entries()) {
    const fresh = sum(combo, k);
    idle = fresh > running + NEGLIGIBLE ? 0 : idle + 1;
    running = Math.max(running, fresh);
    if (idle >= ENOUGH_COMBOS) return k + 1;
  }
  return combos.length;
}
