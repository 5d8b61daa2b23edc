/** A value and its probability mass, on any scale. */
export interface Weighted {
  readonly value: number;
  readonly mass: number;
}

/** The least value up to which at least this part (0..1) of the mass lies; NaN without entries. */
export function weightedQuantile(entries: readonly Weighted[], part: number): number {
  const order = entries.toSorted((x, y) => x.value - y.value);
  const whole = order.reduce((sum, { mass }) => sum + mass, 0);
  let sum = 0;
  for (const { value, mass } of order) {
    sum += mass;
    if (sum >= part * whole) return value;
  }
  return order.at(-1)?.value ?? Number.NaN;
}
