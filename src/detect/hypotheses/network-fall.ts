/**
 * The finer model of a network-wide fall: onset and ramp to the step, and whether it went through the pools' averaging windows
 * (miners stopped) or appeared directly in the figures (an aggregator's fault). The sufficient statistics have only four ramps.
 * Through different windows a fall of another shape makes pools look unequal, which is the mark of a regional fall. So a region is
 * named only if it beats this model, which also gives the onset and size of a network alert.
 */
import { weightedQuantiles } from "../estimate/weighted-quantile.ts";
import type { BankEntry, ScaleSpec } from "../filter/bank.ts";
import { WIDE, WIDE_SD } from "../model/grids.ts";
import type { ScoreModel } from "../model/score-model.ts";
import { agesOf, cellOf, ringOffset, stepsBetween } from "../statistics/onset-grid.ts";
import type { ScaleState, SufficientStatistics } from "../statistics/scale-state.ts";
import type { Priors } from "./hypothesis.ts";
import { emptyNulls, logProduct, logSum, type RowPrior, setAlike } from "./likelihood.ts";
import { agreedSize, commonFall, ROWS_ENOUGH } from "./network-wide.ts";
import { type FitSums, wideFit } from "./quick-fit.ts";

export interface NetworkFall {
  /** Log statistic, on the scale of the posterior's scores. */
  readonly score: number;
  /** Loss by now, relative to the rows' references, with its 90 % interval; less than the whole while a ramp is under way. */
  readonly size: number;
  readonly sizeLow: number;
  readonly sizeHigh: number;
  /** Loss when the ramp is over, and the ramp, seconds. */
  readonly whole: number;
  readonly rampSeconds: number;
  /** When it began, ms, with its 90 % interval. */
  readonly onset: number;
  readonly onsetLow: number;
  readonly onsetHigh: number;
}

/** Ramps that are tried, in steps. The sufficient statistics have the slower ones. */
const RAMP_STEPS = [1, 2, 3, 4, 6, 9, 12] as const;
/** Oldest onset that is tried, by its age in steps. */
const MOST_AGE = 36;
/** Prior part of network-wide falls that appear directly in the figures. */
const DIRECT = 0.25;
/** Number of best-fitting shapes that are scored in full. */
const SCORED = 12;
/** Each row's innovation is clipped at this many standard deviations when the common fall is estimated. */
const FALL_ROW_BOUND = 8;
/** Relative standard deviation of a size that lies between two of those around it: half a step of the grid. */
const AROUND_SD = 0.03;
/** Sizes that are tried, as factors of the common fall, and the part of the prior over sizes that each represents. */
const AROUND = Array.from({ length: 9 }, (_, k) => Math.exp(0.06 * (k - 4)));
const AROUND_PART = 0.06 / Math.log(WIDE.at(-1)! / WIDE[0]!);

interface Shape {
  readonly slot: number;
  readonly ramp: (typeof RAMP_STEPS)[number];
  readonly direct: boolean;
}

interface ScoredShape extends Shape {
  readonly logs: readonly number[];
  readonly size: number;
}

/** Innovations of a row by steps back, with known falls subtracted, and 1 / variance; 0 where there is none. */
interface RowPast {
  readonly value: Float64Array;
  readonly precision: Float64Array;
}

function pastsOf(
  state: ScaleState,
  statistics: SufficientStatistics,
  counted: Uint8Array,
  ages: number,
  depth: number,
): (RowPast | null)[] {
  return Array.from(counted, (isCounted, row) => {
    if (!isCounted) return null;
    const value = new Float64Array(depth + 1);
    const precision = new Float64Array(depth + 1);
    const cleaned = statistics.cleaned?.get(row);
    for (let back = 0; back <= depth; back++) {
      const at = ringOffset(state, ages, back) + row;
      const innovation = state.ringInnovation[at]!;
      if (Number.isNaN(innovation)) continue;
      value[back] = cleaned ? cleaned[back]! : innovation;
      precision[back] = 1 / state.ringVariance[at]!;
    }
    return { value, precision };
  });
}

/** Responses to a unit fall by age, one for each of RAMP_STEPS. */
type RampResponses = readonly Float64Array[];

/** What a sudden fall leaves, made into what each of RAMP_STEPS leaves: a ramp is many small sudden falls, a step apart. */
function rampResponses(sudden: ArrayLike<number>, ages: number): RampResponses {
  const sums = new Float64Array(ages);
  let sum = 0;
  for (let age = 0; age < ages; age++) {
    sum += sudden[age]!;
    sums[age] = sum;
  }
  return RAMP_STEPS.map((ramp) => sums.map((upTo, age) => (upTo - (age >= ramp ? sums[age - ramp]! : 0)) / ramp));
}

/** A row's responses, through its averaging window and straight. */
interface RowResponses {
  readonly through: RampResponses;
  readonly straight: RampResponses;
}

const responses = new WeakMap<BankEntry, RowResponses>();

function responsesOf(entry: BankEntry, most: number): RowResponses {
  const known = responses.get(entry);
  if (known) return known;
  const made = { through: rampResponses(entry.sudden, most + 1), straight: rampResponses(entry.straight, most + 1) };
  responses.set(entry, made);
  return made;
}

/** Writes every `every`-th row's sums of one shape, `age` steps after its onset; `ramp`: its place in RAMP_STEPS. */
function sumShape(
  pasts: readonly (RowPast | null)[],
  tables: readonly RampResponses[],
  { age, ramp, every }: { readonly age: number; readonly ramp: number; readonly every: number },
  { a, b }: FitSums,
): void {
  for (let row = 0; row < pasts.length; row += every) {
    const past = pasts[row];
    if (!past) continue;
    const { value, precision } = past;
    const response = tables[row]![ramp]!;
    let signal = 0;
    let power = 0;
    // A figure that is missing has no precision, and adds nothing.
    for (let back = 0; back <= age; back++) {
      const g = response[age - back]!;
      signal += g * value[back]! * precision[back]!;
      power += g * g * precision[back]!;
    }
    a[row] = signal;
    b[row] = power;
  }
}

function emptySums(rows: number): FitSums {
  return { a: new Float64Array(rows), b: new Float64Array(rows) };
}

export interface NetworkFallInput {
  readonly model: ScoreModel;
  readonly state: ScaleState;
  readonly spec: ScaleSpec;
  /** Per row, its filters. */
  readonly banks: readonly (readonly BankEntry[])[];
  readonly statistics: SufficientStatistics;
  readonly priors: Pick<Priors, "onsetSteps"> & { readonly row: RowPrior & { readonly widePrior: number } };
}

/**
 * Fits a network-wide fall at the newest onsets; null where no row has evidence.
 *
 * @param from earliest onset that is tried, ms
 */
export function networkFall(input: NetworkFallInput, from = Number.NEGATIVE_INFINITY): NetworkFall | null {
  const { model, state, spec, banks, statistics, priors } = input;
  const ages = agesOf(spec);
  const stepMs = spec.stepSeconds * 1000;
  const { counted } = model;
  const ageOf = (slot: number): number => stepsBetween(state.slotAt[slot]!, state.at, spec.stepSeconds);
  const most = Math.min(spec.maxAge, MOST_AGE);
  const pasts = pastsOf(state, statistics, counted, ages, most);
  const entries = pasts.map((_, row) => responsesOf(banks[row]![state.chosen[row]!]!, most));
  const tables = {
    through: entries.map((entry) => entry.through),
    straight: entries.map((entry) => entry.straight),
  };
  const every = Math.max(1, Math.floor(pasts.length / ROWS_ENOUGH));
  const shapes: (Shape & { readonly fit: number })[] = [];
  const first = emptySums(pasts.length);
  for (let slot = 0; slot < statistics.slots; slot++) {
    const age = ageOf(slot);
    if (age > MOST_AGE || state.slotAt[slot]! < from) continue;
    for (const [place, ramp] of RAMP_STEPS.entries()) {
      // A ramp of which less than a third is there cannot be told from a shorter one of a smaller fall.
      if (ramp > 3 * (age + 1)) continue;
      for (const direct of [false, true]) {
        sumShape(pasts, direct ? tables.straight : tables.through, { age, ramp: place, every }, first);
        const { t } = commonFall(first.a, first.b, 0, counted, FALL_ROW_BOUND);
        if (t > 0) shapes.push({ slot, ramp, direct, fit: t });
      }
    }
  }
  if (shapes.length === 0) return null;
  shapes.sort((x, y) => y.fit - x.fit || y.slot - x.slot || x.ramp - y.ramp);
  const looked = shapes.slice(0, 3 * SCORED).map((shape) => {
    const table = shape.direct ? tables.straight : tables.through;
    const found = emptySums(pasts.length);
    const place = { age: ageOf(shape.slot), ramp: RAMP_STEPS.indexOf(shape.ramp), every: 1 };
    sumShape(pasts, table, place, found);
    return { shape, found, fit: wideFit(model, found, 0, priors.row) };
  });
  looked.sort((x, y) => y.fit - x.fit);
  const everyone = Int32Array.from(counted.keys());
  const nulls = emptyNulls(counted.length);
  const scored = looked.slice(0, SCORED).map(({ shape, found: { a, b } }): ScoredShape => {
    const size = agreedSize(a, b, 0, counted);
    const own = statistics.outages?.logAt(cellOf(shape.slot, 0, statistics.ramps));
    for (let i = 0; i < counted.length; i++) if (counted[i]) setAlike(a[i]!, b[i]!, priors.row, nulls, i, own?.[i]);
    const prior =
      Math.log(priors.onsetSteps[shape.slot]! * priors.row.widePrior) +
      Math.log((shape.direct ? DIRECT : 1 - DIRECT) / (RAMP_STEPS.length + spec.rampSeconds.length)) +
      Math.log(AROUND_PART);
    const logs = AROUND.map((factor) => {
      if (!(size > 0) || size * factor > 1) return Number.NEGATIVE_INFINITY;
      return prior + logProduct(everyone, size * factor, WIDE_SD, a, b, 0, counted, priors.row, nulls, 0);
    });
    return { ...shape, logs, size };
  });
  const score = logSum(scored.flatMap((entry) => entry.logs));
  if (!Number.isFinite(score)) return null;
  const sizes = scored.flatMap(({ logs, size, slot, ramp }) => {
    const fallen = Math.min(1, (ageOf(slot) + 0.5) / ramp);
    return logs.map((log, k) => ({ value: fallen * size * AROUND[k]!, mass: Math.exp(log - score) }));
  });
  const onsets = scored.map(({ logs, slot }) => ({
    value: state.slotAt[slot]! - stepMs / 2,
    mass: Math.exp(logSum(logs) - score),
  }));
  const best = scored.reduce((x, y) => (logSum(y.logs) > logSum(x.logs) ? y : x));
  const [sizeLow, size, sizeHigh] = weightedQuantiles(sizes, [0.05, 0.5, 0.95]);
  const [early, onset, late] = weightedQuantiles(onsets, [0.05, 0.5, 0.95]);
  return {
    score,
    size,
    sizeLow: sizeLow * (1 - AROUND_SD),
    sizeHigh: Math.min(1, sizeHigh * (1 + AROUND_SD)),
    whole: Math.min(1, best.size),
    rampSeconds: best.ramp * spec.stepSeconds,
    onset,
    onsetLow: early - stepMs,
    onsetHigh: Math.min(state.at, late + stepMs),
  };
}
