/**
 * What is summed in full: which regions, and at which onsets and ramps, best first. The matched filter flatters what one row
 * alone shows, so those that it puts first are ordered by how well a fall of the size that they show fits all rows, with
 * every row's say bounded as in the score. A fall of everything has onsets and ramps of its own.
 */
import type { RowPrior } from "./likelihood.ts";
import type { ScoreModel } from "./rows.ts";
import type { Screen } from "./screen.ts";
import { DROPS, WIDE } from "./sizes.ts";
import type { Sums } from "./sums.ts";

/** How thoroughly to look: at everything that matters, or at the best few. */
export type Effort = "full" | "glance";

/** Regions by their place in the model; onsets and ramps ("combos") as slot x ramps + ramp, best first. */
export interface Look {
  readonly regions: readonly number[];
  /** Where regions are scored. */
  readonly regional: readonly number[];
  /** Where a fall of everything is. */
  readonly wide: readonly number[];
}

/**
 * Onsets and ramps this far (in T) under the best one cannot matter to a sum of likelihoods. T bounds each row and so
 * flatters what is spread over many: the stronger the signal, the deeper one must look.
 */
const COMBO_DEPTH = 2;
const COMBO_DEPTH_PART = 0.4;
const REGION_DEPTH = 3;
const MOST = { regions: 24, regional: 16, wide: 20 } as const;
const GLANCE = 3;
/** Looked at for each one that is summed. */
const SHORTLIST = 4;
/** With hundreds of rows less is summed, so that no tick takes long: this many row ratios at most. */
const RATIOS_MOST = 600_000;
const MANY_ROWS = 64;
const REGION_MOST_MANY = 10;
/** Above this peak every region is scored, as far as there is room. */
const STRONG = 5;

/** Bounds in standard deviations at which the size of a fall is read off the rows: most outliers out, or most of a signal in. */
const CLIPS = [2.5, 5] as const;
/** Relative standard deviations of a row's part of a fall: a weight's usual error, and half of what dips differ by. */
const WEIGHT_SD = 0.25;
const ALIKE_SD = 0.15;
/** Up to this many nats a row says what it says, beyond only a little more: enough to keep the order where one row says all. */
const ROW_BOUND = 4;

function bounded(log: number): number {
  const over = Math.abs(log) - ROW_BOUND;
  return over > 0 ? Math.sign(log) * (ROW_BOUND + Math.log1p(over)) : log;
}

function comboDepth(peak: number): number {
  return Math.max(COMBO_DEPTH, COMBO_DEPTH_PART * peak);
}

/** A screen that leaves out what is under this changes nothing here, if its peak is at least `peak`. */
export function screenBar(peak: number): number {
  return peak - Math.max(REGION_DEPTH, comboDepth(peak));
}

function chooseRegions(found: Screen, rows: number): number[] {
  const depth = found.peak > STRONG ? Number.POSITIVE_INFINITY : REGION_DEPTH;
  return [...found.best.keys()]
    .filter((r) => found.best[r]! > found.peak - depth)
    .sort((x, y) => found.best[y]! - found.best[x]! || x - y)
    .slice(0, rows > MANY_ROWS ? REGION_MOST_MANY : MOST.regions)
    .sort((x, y) => x - y);
}

/** The best by a first look, at most `most`, none further than the depth under the best. */
function shortlist(t: Float64Array, most: number): number[] {
  const peak = t.reduce((x, y) => Math.max(x, y), Number.NEGATIVE_INFINITY);
  const least = peak - comboDepth(peak);
  const order = [...t.keys()].filter((k) => t[k]! > least);
  order.sort((x, y) => t[y]! - t[x]! || x - y);
  return order.slice(0, most);
}

/** Fall of a pattern of rows, by each row's bounded say: its size, and in standard deviations. */
function sizeOf(
  sums: Sums,
  counted: Uint8Array,
  offset: number,
  rows: ArrayLike<number> | null,
  weight: Float64Array | null,
  clip: number,
): { size: number; t: number } {
  let signal = 0;
  let power = 0;
  const count = rows ? rows.length : counted.length;
  for (let k = 0; k < count; k++) {
    const i = rows ? rows[k]! : k;
    const b = sums.b[offset + i]!;
    if (counted[i] === 0 || !(b > 0)) continue;
    const w = weight ? weight[k]! : 1;
    const bound = clip * Math.sqrt(b);
    signal += w * Math.max(-bound, Math.min(bound, sums.a[offset + i]!));
    power += w * w * b;
  }
  return power > 0 ? { size: signal / power, t: signal / Math.sqrt(power) } : { size: 0, t: Number.NEGATIVE_INFINITY };
}

/** Log-likelihood ratio of a fall of that pattern and size, each row's bounded. */
function fitOf(
  sums: Sums,
  counted: Uint8Array,
  offset: number,
  rows: ArrayLike<number> | null,
  weight: Float64Array | null,
  size: number,
  relativeSd: number,
  wander: number,
): number {
  let log = 0;
  const count = rows ? rows.length : counted.length;
  for (let k = 0; k < count; k++) {
    const i = rows ? rows[k]! : k;
    const b = sums.b[offset + i]!;
    if (counted[i] === 0 || !(b > 0)) continue;
    const a = sums.a[offset + i]!;
    const m = (weight ? weight[k]! : 1) * size;
    const v = (relativeSd * m) ** 2 + wander;
    const part = 1 / (1 + v * b);
    const stood = (0.5 * wander * a * a) / (1 + wander * b);
    const one = 0.5 * Math.log(part) + (m * a + 0.5 * v * a * a - 0.5 * m * m * b) * part - stood;
    log += bounded(one);
  }
  return log;
}

/** How well the region that shows best fits at one onset and ramp. */
function regionalFit(model: ScoreModel, sums: Sums, look: readonly number[], offset: number, wander: number): number {
  let best = Number.NEGATIVE_INFINITY;
  for (const clip of CLIPS) {
    let lead = -1;
    let found = { size: 0, t: Number.NEGATIVE_INFINITY };
    for (const r of look) {
      const { rows, weight } = model.regions[r]!;
      const one = sizeOf(sums, model.counted, offset, rows, weight, clip);
      if (one.t > found.t) {
        lead = r;
        found = one;
      }
    }
    if (lead < 0) continue;
    const { rows, weight } = model.regions[lead]!;
    const size = Math.min(DROPS.at(-1)!, Math.max(0, found.size));
    best = Math.max(best, fitOf(sums, model.counted, offset, rows, weight, size, WEIGHT_SD, wander));
  }
  return best;
}

function wideFit(model: ScoreModel, sums: Sums, offset: number, wander: number): number {
  const fits = CLIPS.map((clip) => {
    const { size } = sizeOf(sums, model.counted, offset, null, null, clip);
    return fitOf(sums, model.counted, offset, null, null, Math.max(0, size), ALIKE_SD, wander);
  });
  return Math.max(...fits);
}

/** The best `most` by a second look. */
function bestOf(combos: readonly number[], most: number, look: (combo: number) => number): number[] {
  const found = combos.map((combo) => ({ combo, score: look(combo) }));
  found.sort((x, y) => y.score - x.score || x.combo - y.combo);
  return found.slice(0, most).map((entry) => entry.combo);
}

/**
 * @param rampPrior of each ramp
 * @param slotWeight steps that each slot stands for
 */
export function chooseLook(
  model: ScoreModel,
  sums: Sums,
  found: Screen,
  rampPrior: readonly number[],
  slotWeight: Float64Array,
  prior: RowPrior,
  effort: Effort,
): Look {
  const rows = model.rows.length;
  const regions = chooseRegions(found, rows);
  const affordable = Math.floor(RATIOS_MOST / (rows * (regions.length * DROPS.length + WIDE.length)));
  const most = (usual: number): number => (effort === "full" ? Math.max(GLANCE, Math.min(usual, affordable)) : GLANCE);
  const chance = (combo: number): number =>
    Math.log(slotWeight[Math.floor(combo / sums.ramps)]! * rampPrior[combo % sums.ramps]!);
  const regional = bestOf(
    shortlist(found.combos, SHORTLIST * most(MOST.regional)),
    most(MOST.regional),
    (combo) => chance(combo) + regionalFit(model, sums, regions, combo * rows, prior.wander),
  );
  const wide = bestOf(
    shortlist(found.wide, SHORTLIST * most(MOST.wide)),
    most(MOST.wide),
    (combo) => chance(combo) + wideFit(model, sums, combo * rows, prior.wander),
  );
  return { regions, regional, wide };
}
