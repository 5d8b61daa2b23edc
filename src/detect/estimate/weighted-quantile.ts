/** A value and its probability mass, on any scale. */
export interface Weighted {
  readonly value: number;
  readonly mass: number;
}

type NumberFor<Parts extends readonly number[]> = { [K in keyof Parts]: number };

/** For each part (0..1) the least value up to which at least so much of the mass lies; NaN without entries. */
export function weightedQuantiles<const Parts extends readonly number[]>(
  entries: readonly Weighted[],
  parts: Parts,
): NumberFor<Parts> {
  const order = entries.toSorted((x, y) => x.value - y.value);
  const whole = order.reduce((sum, { mass }) => sum + mass, 0);
  const upTo = (part: number): number => {
    let sum = 0;
    for (const { value, mass } of order) {
      sum += mass;
      if (sum >= part * whole) return value;
    }
    return order.at(-1)?.value ?? Number.NaN;
  };
  return parts.map(upTo) as NumberFor<Parts>;
}
