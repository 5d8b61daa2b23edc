/**
 * From blocks to counts and exposure. Heights say what is missing: an interval that k unknown heights share with m known
 * blocks is m / (m + k) of an exposure, so a feed that was dead for a day costs a day of data and is no fall. Blocks of one
 * moment (a burst after a gap without upstream times) are one group. A header time that runs backwards adds no time.
 */
import type { Network } from "./network.ts";
import type { Fall, Memory } from "./state.ts";

/**
 * Calls back for every group of blocks of one moment, oldest first, until it answers false: kept blocks [from, to), time
 * span, exposure, and covered milliseconds.
 */
export function eachGroup(
  memory: Memory,
  visit: (from: number, to: number, startedAt: number, endedAt: number, exposure: number, covered: number) => boolean,
): void {
  const { heights, times, difficulties, length } = memory;
  let height = memory.edgeHeight;
  let time = memory.edgeTime;
  let index = 0;
  if (height < 0 && length > 0) {
    // The very first block ends an interval of unknown length: it marks the beginning and counts as nothing.
    height = heights[0]!;
    time = times[0]!;
    index = 1;
  }
  while (index < length) {
    const from = index;
    const endedAt = Math.max(time, times[index]!);
    let inverse = 0;
    while (index < length && Math.max(time, times[index]!) <= endedAt) inverse += 1 / difficulties[index++]!;
    const known = index - from;
    const all = heights[index - 1]! - height;
    const covered = ((endedAt - time) * known) / all;
    if (!visit(from, index, time, endedAt, (covered / 1000) * (inverse / known), covered)) return;
    height = heights[index - 1]!;
    time = endedAt;
  }
}

/** Moments at which some held fall begins or ends, ascending. Between two of them every pool's lack is constant. */
export function fallBoundaries(falls: readonly Fall[]): number[] {
  const moments = falls.flatMap((fall) => [fall.since, fall.until]).filter(Number.isFinite);
  return [...new Set(moments)].sort((a, b) => a - b);
}

/** Which stretch between boundaries a moment lies in: 0 before the first. */
export function stretchOf(boundaries: readonly number[], moment: number): number {
  let stretch = 0;
  while (stretch < boundaries.length && moment >= boundaries[stretch]!) stretch++;
  return stretch;
}

/** What held falls leave of a pool's rate at a moment, 0..1. */
export function remaining(network: Network, falls: readonly Fall[], slot: number, moment: number): number {
  let left = 1;
  for (const fall of falls) {
    if (moment >= fall.since && moment < fall.until) left *= 1 - network.share(slot, fall.region) * fall.drop;
  }
  return left;
}
