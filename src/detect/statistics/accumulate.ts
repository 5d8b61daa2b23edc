/**
 * One time scale: turns figures into whitened innovations and keeps, per onset and ramp, the two sums per row from which
 * every hypothesis is scored in closed form: A = sum g e / v and B = sum g^2 / v, with g the filter's response to a unit fall.
 */
import { DAY_SECONDS, HOUR_SECONDS } from "../../model/time-units.ts";
import { type BankEntry, bankMaker, type ScaleSpec } from "../filter/bank.ts";
import { correct, gainAfter, predict } from "../filter/kalman.ts";
import {
  agesOf,
  capacityOf,
  cellOf,
  cellOffset,
  newestOffset,
  PROTECT_STEPS,
  responseOffset,
  ringOffset,
  ringStep,
  spacingAt,
  stepsBetween,
} from "./onset-grid.ts";
import { emptyScaleState, type ScaleState } from "./scale-state.ts";

/** Innovations are clipped at this many units when the noise is learned, so that an outage does not widen it. */
const INNOVATION_CLIP = 3;
/** Memory of the reference level that innovations are relative to: longer than any fall of this scale takes. */
function referenceMemory(stepSeconds: number): number {
  return Math.max(12 * HOUR_SECONDS, 40 * stepSeconds);
}
/** Weight of the prior noise, in figures. */
const PRIOR_COUNT = 6;
/** Another bank entry is chosen when its variance is below this part of the present one's, against flicker. */
const SWITCH_GAIN = 0.97;
/** A longer window than the shortest must predict this much better still (variance); see `decisions/013`. */
const LONGER_WINDOW_GAIN = 0.9;
/** During the first day the choice is free; after it the choice is made four times a day. */
const SETTLED_SECONDS = DAY_SECONDS;
const SWITCH_SECONDS = 6 * HOUR_SECONDS;

export interface Scale {
  readonly spec: ScaleSpec;
  readonly maxSlots: number;
  initial(windows: readonly (number | undefined)[]): ScaleState;
  banks(windows: readonly (number | undefined)[]): readonly (readonly BankEntry[])[];
}

export function makeScale(spec: ScaleSpec): Scale {
  const bank = bankMaker(spec);
  const maxSlots = capacityOf(spec.maxAge);
  const banks = (windows: readonly (number | undefined)[]): readonly (readonly BankEntry[])[] => windows.map(bank);
  return {
    spec,
    maxSlots,
    banks,
    initial: (windows) =>
      emptyScaleState(
        windows.length,
        banks(windows).map((entries) => entries.map((entry) => entry.filter.cells + 1)),
        { ages: agesOf(spec), maxSlots, ramps: spec.rampSeconds.length },
      ),
  };
}

/** Innovation variance of the chosen entry right after no gap, relative to the reference squared. */
export function innovationVariance(state: ScaleState, banks: readonly (readonly BankEntry[])[], row: number): number {
  const k = state.chosen[row]!;
  return state.units[row]![k]! * banks[row]![k]!.filter.gains[0]!.variance;
}

function observe(
  state: ScaleState,
  bank: readonly BankEntry[],
  row: number,
  figure: number,
  spec: ScaleSpec,
  maySwitch: boolean,
  isTaught: boolean,
): void {
  const { stepSeconds } = spec;
  const filters = state.filters[row]!;
  const units = state.units[row]!;
  const first = state.seen[row] === 0;
  if (first) {
    filters.fill(figure);
    bank.forEach((entry, k) => {
      units[k] = spec.priorSd ** 2 / entry.filter.gains[0]!.variance;
    });
    state.reference[row] = figure;
    state.seen[row] = 1;
    state.missing[row] = 0;
    return;
  }
  const reference = state.reference[row]!;
  const missing = state.missing[row]!;
  const chosen = state.chosen[row]!;
  const at = newestOffset(state) + row;
  const memory = Math.max(20, spec.memorySeconds / stepSeconds);
  const rate = 1 / Math.min(memory, state.seen[row]! + PRIOR_COUNT);
  let offset = 0;
  let best = chosen;
  let bestVariance = Number.POSITIVE_INFINITY;
  let chosenVariance = 0;
  let rose = false;
  const shortest = bank[0]!.filter.cells; // Banks begin with their shortest window.
  for (let k = 0; k < bank.length; k++) {
    const { filter } = bank[k]!;
    const forecast = predict(filter, filters, offset);
    const { gain, variance } = gainAfter(filter, missing);
    const innovation = figure - forecast;
    correct(gain, filters, offset, innovation);
    const relative = innovation / reference;
    if (k === chosen) {
      state.ringInnovation[at] = -relative;
      state.ringVariance[at] = units[k]! * variance;
      rose = relative > spec.restartRise * Math.sqrt(units[k]! * variance);
    }
    // A known fall is no noise. A fall that is not known yet can teach only for a few steps.
    const square = !isTaught
      ? units[k]!
      : Math.min((relative * relative) / variance, INNOVATION_CLIP * INNOVATION_CLIP * units[k]!);
    units[k]! += rate * (square - units[k]!);
    const total = (units[k]! * filter.gains[0]!.variance) / (filter.cells > shortest ? LONGER_WINDOW_GAIN : 1);
    if (k === chosen) chosenVariance = total;
    if (total < bestVariance) {
      bestVariance = total;
      best = k;
    }
    offset += filter.cells + 1;
  }
  if (rose) filters.fill(figure);
  const settled = state.seen[row]! * stepSeconds > SETTLED_SECONDS;
  if (best !== chosen && (settled ? maySwitch : state.seen[row]! > 30) && bestVariance < SWITCH_GAIN * chosenVariance)
    state.chosen[row] = best;
  const pull = Math.min(1, stepSeconds / referenceMemory(stepSeconds));
  const limit = 0.1 * reference;
  state.reference[row] = reference + pull * Math.min(limit, Math.max(-limit, figure - reference));
  state.seen[row]! += 1;
  state.missing[row] = 0;
}

function skip(state: ScaleState, bank: readonly BankEntry[], row: number): void {
  if (state.seen[row] === 0) return;
  let offset = 0;
  for (const { filter } of bank) {
    predict(filter, state.filters[row]!, offset);
    offset += filter.cells + 1;
  }
  state.missing[row]! += 1;
}

/** Adds an onset at this step and drops onsets that their spacing no longer keeps. */
function moveSlots(state: ScaleState, spec: ScaleSpec, at: number, protect: number): void {
  const stepMs = spec.stepSeconds * 1000;
  const size = spec.rampSeconds.length * state.rows;
  let kept = 0;
  for (let s = 0; s < state.slots; s++) {
    const age = stepsBetween(state.slotAt[s]!, at, spec.stepSeconds);
    const index = Math.round(state.slotAt[s]! / stepMs);
    const near = Math.abs(state.slotAt[s]! - protect) <= PROTECT_STEPS * stepMs;
    if (age > spec.maxAge || (index % spacingAt(age) !== 0 && !near)) continue;
    if (kept !== s) {
      state.slotAt[kept] = state.slotAt[s]!;
      state.sumA.copyWithin(kept * size, s * size, (s + 1) * size);
      state.sumB.copyWithin(kept * size, s * size, (s + 1) * size);
    }
    kept++;
  }
  state.slotAt[kept] = at;
  state.sumA.fill(0, kept * size, (kept + 1) * size);
  state.sumB.fill(0, kept * size, (kept + 1) * size);
  state.slots = kept + 1;
}

/**
 * Advances by one step. `figures` per row in H/s, NaN where there is none.
 * `protect`: an onset around which slots stay dense; `ready`: rows that are warm enough to be evidence; `disturbed`: rows in
 * which a known fall is under way, which teach what is ordinary noise nothing.
 * Cost: rows x (bank x window + onsets x ramps).
 */
export function advanceScale(
  state: ScaleState,
  spec: ScaleSpec,
  banks: readonly (readonly BankEntry[])[],
  at: number,
  figures: Float64Array,
  options: {
    readonly protect?: number;
    readonly ready?: (row: number) => boolean;
    readonly disturbed?: ReadonlySet<number>;
  } = {},
): void {
  const { protect = Number.NEGATIVE_INFINITY, ready, disturbed } = options;
  const { rows } = state;
  const ages = agesOf(spec);
  state.ringHead = (state.ringHead + 1) % ages;
  const newest = newestOffset(state);
  state.ringInnovation.fill(Number.NaN, newest, newest + rows);
  // The statistics of one event must come from one filter: no change of filters while an alert is young, and few at other times.
  const maySwitch = protect === Number.NEGATIVE_INFINITY && at % (SWITCH_SECONDS * 1000) === 0;
  for (let row = 0; row < rows; row++) {
    const figure = figures[row]!;
    if (figure > 0) observe(state, banks[row]!, row, figure, spec, maySwitch, disturbed?.has(row) !== true);
    else skip(state, banks[row]!, row);
  }
  state.at = at;
  moveSlots(state, spec, at, protect);
  const ramps = spec.rampSeconds.length;
  for (let row = 0; row < rows; row++) {
    const innovation = state.ringInnovation[newest + row]!;
    if (Number.isNaN(innovation) || (ready && !ready(row))) continue;
    const variance = state.ringVariance[newest + row]!;
    const { response } = banks[row]![state.chosen[row]!]!;
    const scaled = innovation / variance;
    for (let s = 0; s < state.slots; s++) {
      const age = stepsBetween(state.slotAt[s]!, at, spec.stepSeconds);
      for (let r = 0; r < ramps; r++) {
        const g = response[responseOffset(r, age, ages)]!;
        const to = cellOffset(cellOf(s, r, ramps), rows) + row;
        state.sumA[to]! += g * scaled;
        state.sumB[to]! += (g * g) / variance;
      }
    }
  }
}

/** Adds an innovation of `back` steps ago to a row's sums, for every onset that is not younger. */
function addInnovation(
  state: ScaleState,
  spec: ScaleSpec,
  bank: readonly BankEntry[],
  row: number,
  back: number,
): void {
  const ages = agesOf(spec);
  const from = ringOffset(state, ages, back) + row;
  const innovation = state.ringInnovation[from]!;
  if (Number.isNaN(innovation)) return;
  const variance = state.ringVariance[from]!;
  const { response } = bank[state.chosen[row]!]!;
  const ramps = spec.rampSeconds.length;
  for (let s = 0; s < state.slots; s++) {
    const age = stepsBetween(state.slotAt[s]!, state.at, spec.stepSeconds) - back;
    if (age < 0) break;
    for (let r = 0; r < ramps; r++) {
      const g = response[responseOffset(r, age, ages)]!;
      const to = cellOffset(cellOf(s, r, ramps), state.rows) + row;
      state.sumA[to]! += (g * innovation) / variance;
      state.sumB[to]! += (g * g) / variance;
    }
  }
}

/**
 * Begins a row's filter anew with another bank and runs it through the row's past, so that its innovations and sums are what
 * they would have been with that bank all along.
 *
 * @param figures H/s, a step apart, the newest last and of the state's own step; NaN where missing
 */
export function refilterRow(
  state: ScaleState,
  spec: ScaleSpec,
  bank: readonly BankEntry[],
  row: number,
  figures: ArrayLike<number>,
): void {
  const ages = agesOf(spec);
  const { seen: was, reference } = { seen: state.seen[row]!, reference: state.reference[row]! };
  const head = state.ringHead;
  state.filters[row] = new Float64Array(bank.reduce((sum, entry) => sum + entry.filter.cells + 1, 0));
  state.units[row] = new Float64Array(bank.length);
  state.chosen[row] = 0;
  state.seen[row] = 0;
  for (let at = row; at < state.ringInnovation.length; at += state.rows) state.ringInnovation[at] = Number.NaN;
  for (let back = figures.length - 1; back >= 0; back--) {
    state.ringHead = ringStep(head, ages, back);
    state.ringInnovation[newestOffset(state) + row] = Number.NaN;
    const figure = figures[figures.length - 1 - back]!;
    if (figure > 0) observe(state, bank, row, figure, spec, false, true);
    else skip(state, bank, row);
  }
  state.ringHead = head;
  state.seen[row] = Math.max(was, state.seen[row]!);
  if (reference > 0) state.reference[row] = reference;
  const size = spec.rampSeconds.length * state.slots;
  for (let k = 0; k < size; k++) {
    state.sumA[k * state.rows + row] = 0;
    state.sumB[k * state.rows + row] = 0;
  }
  for (let back = 0; back < Math.min(ages, figures.length); back++) addInnovation(state, spec, bank, row, back);
}

/** Restarts levels at the present figures and keeps the learned noise. Rows without a figure are unchanged. */
export function restartScale(state: ScaleState, figures: Float64Array): void {
  figures.forEach((figure, row) => {
    if (!(figure > 0) || state.seen[row] === 0) return;
    state.filters[row]!.fill(figure);
    state.reference[row] = figure;
  });
  state.slots = 0;
}
