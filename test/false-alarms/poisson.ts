/** Exact Poisson limits, by bisection of the distribution. */
import { poissonAtMost as atMost } from "../../src/detect/replay/calibration.ts";

function solve(holds: (mean: number) => boolean, high: number): number {
  let low = 0;
  let top = high;
  for (let k = 0; k < 60; k++) {
    const middle = (low + top) / 2;
    if (holds(middle)) low = middle;
    else top = middle;
  }
  return top;
}

/** Interval of the mean after `count` events that holds it with probability 0.95 (Garwood 1936). */
export function poissonInterval(count: number): { readonly low: number; readonly high: number } {
  const far = count + 10 * Math.sqrt(count + 1) + 10;
  return {
    low: count === 0 ? 0 : solve((mean) => 1 - atMost(count - 1, mean) < 0.025, far),
    high: solve((mean) => atMost(count, mean) > 0.025, far),
  };
}

/** P(N >= count) for a mean: how surprising so many are. */
export function atLeast(count: number, mean: number): number {
  return count === 0 ? 1 : 1 - atMost(count - 1, mean);
}
