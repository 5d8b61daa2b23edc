/** Log of a sum of exponentials, whatever their size; -Infinity of none. */
export function logSum(values: ArrayLike<number>): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < values.length; k++) if (values[k]! > top) top = values[k]!;
  if (top === Number.NEGATIVE_INFINITY) return top;
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += Math.exp(values[k]! - top);
  return top + Math.log(sum);
}
