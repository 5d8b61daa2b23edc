/**
 * The memory of the block evidence: recent blocks one by one, older ones as decaying sums.
 *
 * Exposure is x = seconds / difficulty. A pool of hash rate H finds blocks at the rate H / (2^32 D), so in x its rate is
 * constant through every retarget, and counts over x are an exact Poisson likelihood.
 */
import { floatAt, itemAt } from "../model/elements.ts";
import type { BlockState } from "./contract.ts";
import type { Network } from "./network.ts";

/** A held fall as kept in the state: what blocks since `since` (and before `until`) are expected to lack. */
export interface Fall {
  region: string;
  drop: number;
  since: number;
  /** Infinity while it lasts. */
  until: number;
  /** Accepted as the new normal: folded into the baseline once it covers all kept blocks. */
  accepted: boolean;
}

/** Concrete `BlockState`. Times are milliseconds, heights strictly ascending in [0, length). */
export interface Memory extends BlockState {
  length: number;
  heights: Float64Array;
  times: Float64Array;
  difficulties: Float64Array;
  /** Index into the model's pools; `pools.length` for a pool that the model does not know. */
  finders: Uint16Array;
  /** Newest block that was moved out of the ring: the left end of the first kept interval. Height -1: none yet. */
  edgeHeight: number;
  edgeTime: number;
  /** Decaying sums, as of `sumsAt`: blocks, squared weights of blocks, and exposure that each pool was expected to use. */
  sumsAt: number;
  blocks: Float64Array;
  squares: Float64Array;
  exposures: Float64Array;
  /** Decaying sum of covered milliseconds; what warmth is measured by. */
  covered: number;
  falls: Fall[];
  /** Rows refused in a row: a chain that was begun with a wrong block starts anew after enough of them. */
  strikes: number;
  /** A block came since the last evaluation, and when that was. */
  dirty: boolean;
  evaluatedAt: number;
}

const FIRST_CAPACITY = 1024;

/** Nothing known yet. `slots` is the number of the model's pools plus one for all others. */
export function emptyMemory(slots: number): Memory {
  return {
    kind: "blocks",
    length: 0,
    heights: new Float64Array(FIRST_CAPACITY),
    times: new Float64Array(FIRST_CAPACITY),
    difficulties: new Float64Array(FIRST_CAPACITY),
    finders: new Uint16Array(FIRST_CAPACITY),
    edgeHeight: -1,
    edgeTime: 0,
    sumsAt: 0,
    blocks: new Float64Array(slots),
    squares: new Float64Array(slots),
    exposures: new Float64Array(slots),
    covered: 0,
    falls: [],
    strikes: 0,
    dirty: false,
    evaluatedAt: 0,
  };
}

/** Forgets every block and sum; held falls stay, since the alerts behind them do. */
export function restart(memory: Memory): void {
  memory.length = 0;
  memory.edgeHeight = -1;
  memory.edgeTime = 0;
  memory.sumsAt = 0;
  memory.blocks.fill(0);
  memory.squares.fill(0);
  memory.exposures.fill(0);
  memory.covered = 0;
  memory.strikes = 0;
}

/** Makes room for one more block. */
export function reserve(memory: Memory): void {
  if (memory.length < memory.heights.length) return;
  const capacity = memory.heights.length * 2;
  const grown = (from: Float64Array): Float64Array => {
    const to = new Float64Array(capacity);
    to.set(from);
    return to;
  };
  memory.heights = grown(memory.heights);
  memory.times = grown(memory.times);
  memory.difficulties = grown(memory.difficulties);
  const finders = new Uint16Array(capacity);
  finders.set(memory.finders);
  memory.finders = finders;
}

/** Drops the `count` oldest kept blocks. */
export function dropOldest(memory: Memory, count: number): void {
  if (count === 0) return;
  memory.heights.copyWithin(0, count, memory.length);
  memory.times.copyWithin(0, count, memory.length);
  memory.difficulties.copyWithin(0, count, memory.length);
  memory.finders.copyWithin(0, count, memory.length);
  memory.length -= count;
}

/** Position of a height, or of the first kept one above it. */
export function locate(memory: Memory, height: number): number {
  let low = 0;
  let high = memory.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (floatAt(memory.heights, middle) < height) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Blocks that end an interval together. Times in ms. */
export interface BlockGroup {
  /** Their places among the kept blocks: from `from`, up to but without `to`. */
  readonly from: number;
  readonly to: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Seconds over difficulty that the blocks stand for, and the milliseconds of the interval that are known. */
  readonly exposure: number;
  readonly covered: number;
}

/**
 * Calls back for every group of blocks of one moment, oldest first, until it answers false: kept blocks [from, to), time
 * span, exposure, and covered milliseconds.
 */
/** Calls back for every group of blocks of one moment, oldest first, until the callback answers false. */
export function eachGroup(memory: Memory, visit: (group: BlockGroup) => boolean): void {
  const { heights, times, difficulties, length } = memory;
  let height = memory.edgeHeight;
  let time = memory.edgeTime;
  let index = 0;
  if (height < 0 && length > 0) {
    // The very first block ends an interval of unknown length: it marks the beginning and counts as nothing.
    height = floatAt(heights, 0);
    time = floatAt(times, 0);
    index = 1;
  }
  while (index < length) {
    const from = index;
    const endedAt = Math.max(time, floatAt(times, index));
    let inverse = 0;
    while (index < length && Math.max(time, floatAt(times, index)) <= endedAt)
      inverse += 1 / floatAt(difficulties, index++);
    const known = index - from;
    const all = floatAt(heights, index - 1) - height;
    const covered = ((endedAt - time) * known) / all;
    const exposure = (covered / 1000) * (inverse / known);
    if (!visit({ from, to: index, startedAt: time, endedAt, exposure, covered })) return;
    height = floatAt(heights, index - 1);
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
  while (stretch < boundaries.length && moment >= itemAt(boundaries, stretch)) stretch++;
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
