/** Takes block rows in: order, duplicates, impossible rows, and the move of old blocks into the baseline. */

import type { BlockSample } from "../../model/sample.ts";
import { addTo, floatAt, shortAt } from "../model/elements.ts";
import type { BlockIntake } from "./contract.ts";
import { type BlockGroup, dropOldest, eachGroup, locate, type Memory, remaining, reserve, restart } from "./memory.ts";
import type { Network } from "./network.ts";
import { MAX_STRIKES } from "./settings.ts";

/** Difficulty never moves by more than this between kept neighbours (Bitcoin: 4 per retarget); a unit slip does. */
const MAX_DIFFICULTY_STEP = 8;

/** Adds rows, in any order, and forgets what is older than the guard. */
export function takeIn(network: Network, memory: Memory, at: number, rows: readonly BlockSample[]): BlockIntake {
  const intake = { accepted: 0, duplicates: 0, late: 0, refused: 0 };
  if (rows.length === 0) return intake;
  for (const row of [...rows].sort((a, b) => a.height - b.height || a.at - b.at))
    intake[takeRow(network, memory, at, row)]++;
  if (intake.accepted > 0) {
    memory.dirty = true;
    retire(network, memory);
  }
  return intake;
}

function takeRow(network: Network, memory: Memory, at: number, row: BlockSample): keyof BlockIntake {
  if (!plausible(network, memory, at, row)) {
    memory.strikes++;
    if (memory.strikes >= MAX_STRIKES) restart(memory);
    return "refused";
  }
  memory.strikes = 0;
  if (row.height <= memory.edgeHeight) return "late";
  const place = locate(memory, row.height);
  const time = Math.min(row.observedAt ?? row.at, row.at, at);
  if (place < memory.length && memory.heights[place] === row.height) {
    // Another header time and finder is another block: the chain was reorganised, and what was said last holds now.
    const isKnown = floatAt(memory.times, place) === time || shortAt(memory.finders, place) === network.slot(row.pool);
    if (row.observedAt === undefined || isKnown) return "duplicates";
    setBlock(network, memory, place, row, time);
    return "accepted";
  }
  reserve(memory);
  memory.heights.copyWithin(place + 1, place, memory.length);
  memory.times.copyWithin(place + 1, place, memory.length);
  memory.difficulties.copyWithin(place + 1, place, memory.length);
  memory.finders.copyWithin(place + 1, place, memory.length);
  setBlock(network, memory, place, row, time);
  memory.length++;
  return "accepted";
}

function setBlock(network: Network, memory: Memory, place: number, row: BlockSample, time: number): void {
  memory.heights[place] = row.height;
  memory.times[place] = time;
  memory.difficulties[place] = row.difficulty;
  memory.finders[place] = network.slot(row.pool);
}

function plausible(network: Network, memory: Memory, at: number, row: BlockSample): boolean {
  if (!Number.isInteger(row.height) || row.height < 0) return false;
  if (!Number.isFinite(row.difficulty) || row.difficulty <= 0) return false;
  if (memory.length === 0) return true;
  const last = memory.length - 1;
  const step = row.difficulty / floatAt(memory.difficulties, last);
  if (step > MAX_DIFFICULTY_STEP || step < 1 / MAX_DIFFICULTY_STEP) return false;
  // Ten times the blocks that the elapsed time allows for, and a week of them on top.
  const elapsedIntervals = Math.max(0, at - floatAt(memory.times, last)) / network.blockMs;
  return row.height - floatAt(memory.heights, last) <= 10 * elapsedIntervals + 1000;
}

/** Moves blocks that left the guard into the decaying sums, held falls taken out of the exposure they were expected to use. */
function retire(network: Network, memory: Memory): void {
  const excess = memory.length - network.settings.maxBlocks;
  const horizon = newestTime(memory) - network.settings.guardMs;
  let gone = 0;
  eachGroup(memory, (group) => {
    const { from, to, endedAt } = group;
    if (endedAt > horizon && from >= excess) return false;
    learn(network, memory, group);
    gone = to;
    memory.edgeHeight = floatAt(memory.heights, to - 1);
    memory.edgeTime = endedAt;
    return true;
  });
  dropOldest(memory, gone);
  foldAccepted(network, memory);
}

function learn(network: Network, memory: Memory, { from, to, endedAt, exposure, covered }: BlockGroup): void {
  if (memory.sumsAt > 0 && endedAt > memory.sumsAt)
    decay(memory, Math.exp((memory.sumsAt - endedAt) / network.settings.memoryMs));
  memory.sumsAt = Math.max(memory.sumsAt, endedAt);
  for (let i = from; i < to; i++) {
    const slot = shortAt(memory.finders, i);
    addTo(memory.blocks, slot, 1);
    addTo(memory.squares, slot, 1);
  }
  memory.covered += covered;
  for (let slot = 0; slot < memory.exposures.length; slot++) {
    addTo(memory.exposures, slot, exposure * remaining(network, memory.falls, slot, endedAt));
  }
}

function decay(memory: Memory, factor: number): void {
  for (let slot = 0; slot < memory.blocks.length; slot++) {
    memory.blocks[slot] = floatAt(memory.blocks, slot) * factor;
    memory.squares[slot] = floatAt(memory.squares, slot) * (factor * factor);
    memory.exposures[slot] = floatAt(memory.exposures, slot) * factor;
  }
  memory.covered *= factor;
}

/** A fall that became the new normal and covers all kept blocks: rates are what it left, and the fall is forgotten. */
export function foldAccepted(network: Network, memory: Memory): void {
  memory.falls = memory.falls.filter((fall) => {
    if (!fall.accepted) return fall.until > memory.edgeTime;
    if (fall.since > memory.edgeTime) return true;
    for (let slot = 0; slot < memory.exposures.length; slot++) {
      memory.exposures[slot] =
        floatAt(memory.exposures, slot) / Math.max(0.01, 1 - network.share(slot, fall.region) * fall.drop);
    }
    return false;
  });
}

/** Time of the newest block, header times that run backwards evened out; 0 when there is none. */
export function newestTime(memory: Memory): number {
  let newest = memory.edgeHeight < 0 ? 0 : memory.edgeTime;
  for (let i = 0; i < memory.length; i++) newest = Math.max(newest, floatAt(memory.times, i));
  return newest;
}
