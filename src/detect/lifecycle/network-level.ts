/** What all pools have together: the whole figure of each, or where it says none the sum of its figures for regions. */
import type { Row } from "../score/rows.ts";

/** @param levels H/s per row; what is not above 0 is unknown. */
export function networkLevel(rows: readonly Row[], levels: ArrayLike<number>): number {
  const wholes = new Set(rows.flatMap((row, k) => (row.region === null && levels[k]! > 0 ? [row.pool] : [])));
  return rows.reduce((sum, row, k) => {
    const level = levels[k]!;
    return level > 0 && (row.region === null || !wholes.has(row.pool)) ? sum + level : sum;
  }, 0);
}
