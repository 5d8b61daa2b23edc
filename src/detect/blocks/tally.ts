/** Observed and expected blocks of every pool since given moments. */

import { addTo, floatAt, itemAt, shortAt } from "../model/elements.ts";
import { newestTime } from "./intake.ts";
import { eachGroup, type Fall, fallBoundaries, type Memory, remaining, stretchOf } from "./memory.ts";
import type { Network } from "./network.ts";

/** A pool's rate in blocks per unit of exposure, as a Gamma distribution: mean, and shape (effective blocks behind it). */
export interface Rate {
  readonly mean: number;
  readonly shape: number;
}

/** Row-major: span, then slot (the model's pools, then all others). */
export interface Tally {
  readonly spans: number;
  readonly slots: number;
  readonly observed: Float64Array;
  readonly expected: Float64Array;
  /** The same between the guard's beginning and each span's start. */
  readonly observedBefore: Float64Array;
  readonly expectedBefore: Float64Array;
  /** Shape of the negative binomial per slot: uncertainty of the baseline and wander together. */
  readonly shapes: Float64Array;
}

/** Rates from the baseline. Half a block more than was seen keeps a pool without blocks possible. */
export function rates(network: Network, memory: Memory): Rate[] {
  return Array.from(memory.blocks, (blocks, slot) => {
    const squares = floatAt(memory.squares, slot);
    const weight = blocks > 0 ? squares / blocks : 0.5;
    const effective = blocks > 0 ? blocks / weight : 0;
    const baseline = 1 / (effective + 1);
    return {
      mean: (blocks + 0.5 * weight) / Math.max(floatAt(memory.exposures, slot), Number.MIN_VALUE),
      shape: 1 / (baseline + network.settings.wander ** 2),
    };
  });
}

/** Counts in (start, newest block] for every start, with these falls subtracted from the expectation. */
export function tally(network: Network, memory: Memory, falls: readonly Fall[], onsets: readonly number[]): Tally {
  const starts = [...onsets, Number.NEGATIVE_INFINITY];
  const slots = memory.blocks.length;
  const boundaries = fallBoundaries(falls);
  const stretches = boundaries.length + 1;
  const observed = new Float64Array(starts.length * slots);
  const exposure = new Float64Array(starts.length * stretches);
  const middles = new Float64Array(stretches);
  eachGroup(memory, ({ from, to, startedAt, endedAt, exposure: x }) => {
    const stretch = stretchOf(boundaries, endedAt);
    middles[stretch] = endedAt;
    for (let span = 0; span < starts.length; span++) {
      const start = itemAt(starts, span);
      if (endedAt <= start) continue;
      const part = startedAt >= start ? 1 : (endedAt - start) / (endedAt - startedAt);
      addTo(exposure, span * stretches + stretch, x * part);
      for (let i = from; i < to; i++) addTo(observed, span * slots + shortAt(memory.finders, i), 1);
    }
    return true;
  });
  const rate = rates(network, memory);
  const expected = new Float64Array(starts.length * slots);
  for (let slot = 0; slot < slots; slot++) {
    for (let stretch = 0; stretch < stretches; stretch++) {
      const perExposure = itemAt(rate, slot).mean * remaining(network, falls, slot, floatAt(middles, stretch));
      for (let span = 0; span < starts.length; span++) {
        addTo(expected, span * slots + slot, perExposure * floatAt(exposure, span * stretches + stretch));
      }
    }
  }
  const cells = onsets.length * slots;
  const before = (sums: Float64Array): Float64Array =>
    sums.slice(0, cells).map((sum, cell) => Math.max(0, floatAt(sums, cells + (cell % slots)) - sum));
  return {
    spans: onsets.length,
    slots,
    observed: observed.subarray(0, cells),
    expected: expected.subarray(0, cells),
    observedBefore: before(observed),
    expectedBefore: before(expected),
    shapes: Float64Array.from(rate, (r) => r.shape),
  };
}

/** Starts of the scored windows, newest window first. */
export function windowStarts(network: Network, memory: Memory): number[] {
  const newest = newestTime(memory);
  return network.settings.windowsMs.map((span) => newest - span);
}
