/**
 * The smallest drop of a region that would be reported, from expected log-likelihood ratios under the weights' errors and the
 * rows' noise, with the functions that score live. `listed`: an alert would open, whatever it names. `named`: it would name the
 * region. Used by `hashfall check` before any figure came, and for the rows that are fresh at a tick.
 */
import type { BankEntry, ScaleSpec } from "./filter/bank.ts";
import { emptyNulls, logSum, type RowNulls, rowRatio, setNull } from "./hypotheses/likelihood.ts";
import { logOutageAlone } from "./hypotheses/row-outages.ts";
import { DROP_PRIOR, DROP_TOTAL, DROPS, WIDE, WIDE_SD } from "./model/grids.ts";
import { GAUSS_HERMITE } from "./model/normal.ts";
import type { RegionRows, ScoreModel } from "./model/score-model.ts";
import { agesOf } from "./statistics/onset-grid.ts";

/** Log odds against all other explanations together from which a region is named. */
export function namedLogOdds(nameProbability: number): number {
  return Math.log(nameProbability / (1 - nameProbability));
}

/** A fresh row: its filter, and the variance of its innovations relative to its reference. */
export interface HeardRow {
  readonly entry: BankEntry;
  readonly variance: number;
}

/** Squared responses to a sudden fall up to an age, by filter and age. */
const squares = new WeakMap<BankEntry, Map<number, number>>();

function squaresUpTo(entry: BankEntry, last: number, ages: number): number {
  const known = squares.get(entry) ?? new Map<number, number>();
  squares.set(entry, known);
  let sum = known.get(last);
  if (sum !== undefined) return sum;
  sum = 0;
  for (let age = 0; age <= last; age++) sum += entry.response[age % ages]! ** 2;
  known.set(last, sum);
  return sum;
}

/** Information of every row about a sudden fall, `seconds` after it: sum of g^2 / v. 0 for rows that are not fresh. */
export function informationWithin(rows: readonly (HeardRow | null)[], spec: ScaleSpec, seconds: number): Float64Array {
  // A fall that just passes the threshold must do so at two steps in a row, so one step of the time is lost.
  const last = Math.max(0, Math.floor(seconds / spec.stepSeconds) - 2);
  const ages = agesOf(spec);
  return Float64Array.from(rows, (row) => {
    if (row === null || !(row.variance > 0)) return 0;
    return squaresUpTo(row.entry, Math.min(last, spec.maxAge), ages) / row.variance;
  });
}

/** The rows under a region's fall: what each would show at each quadrature node of its weight's error, and its null there. */
interface Truth {
  /** Per row x GAUSS_HERMITE, nodes fastest. */
  readonly a: Float64Array;
  readonly nulls: RowNulls;
}

const NODES = GAUSS_HERMITE.length;

/** Computes the nulls once: they cost most and are the same for every explanation. */
export function truthOf(rows: RegionRows, information: Float64Array, drop: number, spec: ScaleSpec): Truth {
  const a = new Float64Array(information.length * NODES);
  rows.rows.forEach((i, k) => {
    for (const [node, { at }] of GAUSS_HERMITE.entries()) {
      a[i * NODES + node] = (rows.weight[k]! + at * rows.sd[k]!) * drop * information[i]!;
    }
  });
  const nulls = emptyNulls(a.length);
  information.forEach((b, i) => {
    for (let node = 0; b > 0 && node < NODES; node++)
      setNull(a[i * NODES + node]!, b, spec, nulls, i * NODES + node, logOutageAlone(a[i * NODES + node]!, b, spec));
  });
  return { a, nulls };
}

/** Expected log-likelihood ratio of one row for a fall of mean m and variance v, averaged over the error of its true weight. */
function expectedRow(
  b: number,
  i: number,
  { a, nulls }: Truth,
  m: number,
  v: number,
  spec: ScaleSpec,
  loose?: number,
): number {
  let sum = 0;
  for (let node = 0; node < NODES; node++) {
    const place = i * NODES + node;
    sum += GAUSS_HERMITE[node]!.mass * Math.log(rowRatio(a[place]!, b, m, v, spec, nulls, place, loose));
  }
  return sum;
}

/** Expected score of "this region fell by `drop`" at the true onset. */
export function expectedScore(
  rows: RegionRows,
  info: Float64Array,
  truth: Truth,
  drop: number,
  spec: ScaleSpec,
): number {
  let sum = 0;
  for (let k = 0; k < rows.rows.length; k++) {
    const i = rows.rows[k]!;
    if (info[i]! > 0) sum += expectedRow(info[i]!, i, truth, rows.weight[k]! * drop, (rows.sd[k]! * drop) ** 2, spec);
  }
  return sum;
}

/** Log of the mean expected ratio over sizes, as in the score. */
function meanOverDrops(rows: RegionRows, info: Float64Array, truth: Truth, spec: ScaleSpec): number {
  const scores = DROPS.map(
    (drop, k) => Math.log(DROP_PRIOR[k]! / DROP_TOTAL) + expectedScore(rows, info, truth, drop, spec),
  );
  return logSum(scores);
}

/** Expected score of a network-wide fall of unknown size. */
function expectedWide(info: Float64Array, truth: Truth, spec: ScaleSpec): number {
  const score = (size: number): number =>
    info.reduce((sum, b, i) => (b > 0 ? sum + expectedRow(b, i, truth, size, (WIDE_SD * size) ** 2, spec, 0) : sum), 0);
  return logSum(WIDE.map(score)) + Math.log(spec.widePrior / (WIDE.length * spec.rampSeconds.length));
}

export interface DetectabilityQuery {
  readonly model: ScoreModel;
  /** Per row, as `informationWithin` says it. */
  readonly information: Float64Array;
  /** Of each region, sums to 1. */
  readonly prior: Float64Array;
  readonly spec: ScaleSpec;
  /** Log evidence that an opening needs. */
  readonly threshold: number;
  /** Probability from which a region is named, 0.5..1. */
  readonly nameProbability: number;
}

/** Drops of a region, 0..1; null where even the whole region's fall would not do. */
export interface SmallestDrops {
  readonly listed: number | null;
  readonly named: number | null;
}

/** Number of most similar regions that a region is compared with. It is easily told apart from all others. */
const ALIKE_MOST = 6;
/** Most rows that are used: with hundreds, those with the most information about the region are enough. */
const TELLING_ROWS = 40;

/** The rows with the most information about a region. */
function telling(part: RegionRows, information: Float64Array): Float64Array {
  if (part.rows.length <= TELLING_ROWS) return information;
  const order = [...part.rows.keys()].sort(
    (x, y) => part.weight[y]! ** 2 * information[part.rows[y]!]! - part.weight[x]! ** 2 * information[part.rows[x]!]!,
  );
  const kept = new Float64Array(information.length);
  for (const k of order.slice(0, TELLING_ROWS)) kept[part.rows[k]!] = information[part.rows[k]!]!;
  return kept;
}

/** How similar two regions' falls look: the correlation of what the rows would show. */
function likeness(x: RegionRows, y: RegionRows, information: Float64Array): number {
  const other = new Map(Array.from(y.rows, (row, k) => [row, y.weight[k]!]));
  let [shared, xx, yy] = [0, 0, 0];
  x.rows.forEach((row, k) => {
    shared += x.weight[k]! * (other.get(row) ?? 0) * information[row]!;
    xx += x.weight[k]! ** 2 * information[row]!;
  });
  y.rows.forEach((row, k) => {
    yy += y.weight[k]! ** 2 * information[row]!;
  });
  return xx > 0 && yy > 0 ? shared / Math.sqrt(xx * yy) : 0;
}

/** Bisection over drops of whole percents from `least` on; null when even the fall of the whole region would not be reported. */
function smallest(least: number, isTold: (drop: number) => boolean): number | null {
  if (isTold(least)) return least;
  if (!isTold(1)) return null;
  let [low, high] = [Math.round(least * 100), 100];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (isTold(middle / 100)) high = middle;
    else low = middle;
  }
  return high / 100;
}

/** The same function, which computes each answer once. */
function remembered<T>(answer: (value: number) => T): (value: number) => T {
  const known = new Map<number, T>();
  return (value) => {
    if (!known.has(value)) known.set(value, answer(value));
    return known.get(value)!;
  };
}

/** @param index of the region in the model */
export function smallestDrops(query: DetectabilityQuery, index: number): SmallestDrops {
  const { model, prior, spec, threshold } = query;
  const part = model.regions[index]!;
  const counted = query.information.map((value, row) => (model.counted[row] ? value : 0));
  const information = telling(part, counted);
  const alike = model.regions
    .map((other, place) => ({ other, place, like: likeness(part, other, information) }))
    .filter(({ place, like }) => place !== index && like > 0)
    .sort((x, y) => y.like - x.like || x.place - y.place)
    .slice(0, ALIKE_MOST);
  // Live, the region, the ramp and the size are all unknown. So only part of the prior lies where the evidence will.
  const scoreOf = (region: RegionRows, place: number, truth: Truth): number =>
    meanOverDrops(region, information, truth, spec) + Math.log(spec.rampPrior[0]! * prior[place]!);
  const everyone = [{ other: part, place: index }, ...alike];
  // Both bisections look at some of the same drops.
  const scored = remembered((drop: number) => {
    const truth = truthOf(part, information, drop, spec);
    const scores = everyone.map(({ other, place }) => scoreOf(other, place, truth));
    return { scores, wide: () => expectedWide(information, truth, spec) };
  });
  const listed = smallest(0.01, (drop) => {
    const { scores, wide } = scored(drop);
    const score = logSum(scores);
    return score >= threshold && score >= Math.max(0, wide()) + spec.margin;
  });
  if (listed === null) return { listed, named: null };
  const named = smallest(listed, (drop) => {
    const { scores, wide } = scored(drop);
    const [mine, ...others] = scores;
    return mine! >= logSum([...others, wide(), 0]) + namedLogOdds(query.nameProbability);
  });
  return { listed, named };
}
