/**
 * What every competing explanation of the pools' figures is: one interface, so that a new one is one file, one line in
 * `list.ts` and its test. All are scored from the same sufficient statistics, on the same scale: the log of a sum, over onsets
 * (weighted by the steps that each stands for), ramps and sizes, of prior times likelihood ratio against "nothing happened".
 */
import type { BankEntry, ScaleSpec } from "../filter/bank.ts";
import type { ScoreModel } from "../model/score-model.ts";
import type { ScaleState, SufficientStatistics } from "../statistics/scale-state.ts";
import type { RowPrior } from "./likelihood.ts";

/** Evidence of another kind for the same hypotheses, independent of the rows given what happened: log ratios to be added. */
export interface OtherEvidence {
  /** Per region of the model x DROPS, drops fastest. */
  regions(onset: number): Float64Array;
  /** Per size of WIDE. */
  wide(onset: number): Float64Array;
}

/** What witnesses of regions add, bounded; kept apart so that every score can also be said without it. */
export interface WitnessEvidence {
  /** Per region of the model x DROPS, drops fastest, nats. */
  regions(onset: number): Float64Array;
  /** Nats per country that is heard and that the weights do not have. */
  unlisted(onset: number): ReadonlyMap<string, number>;
  /** Most that any region can gain, nats. */
  readonly most: number;
}

/** What is presumed before anything was seen. */
export interface Priors {
  /** Of each region, sums to 1. */
  readonly region: Float64Array;
  readonly ramp: readonly number[];
  /** Steps that each onset stands for. */
  readonly onsetSteps: Float64Array;
  readonly row: RowPrior & { readonly widePrior: number };
  /** Log statistic of a fall of everything that was looked at closely (`network-fall.ts`); absent where it was not. */
  readonly networkFall?: number;
}

/** Where hypotheses are summed. Regions by their place in the model; cells (onset x ramp) best first. */
export interface Shortlist {
  readonly regions: readonly number[];
  /** Cells at which regions and operators are summed. */
  readonly regional: readonly number[];
  /** Cells at which a fall of everything is summed. */
  readonly networkWide: readonly number[];
}

/** The rows' own past, for hypotheses whose shape is more than one step or ramp. */
export interface RowHistory {
  readonly state: ScaleState;
  readonly spec: ScaleSpec;
  readonly banks: readonly (readonly BankEntry[])[];
}

/** All that a hypothesis is evaluated from. */
export interface EvaluationInput {
  readonly model: ScoreModel;
  readonly statistics: SufficientStatistics;
  readonly priors: Priors;
  readonly shortlist: Shortlist;
  readonly other: OtherEvidence | null;
  readonly witnesses?: WitnessEvidence | null;
  readonly history?: RowHistory;
}

/** One explanation that a hypothesis offers: a region, an operator's pools, or everything. */
export interface Explanation {
  /** The operator's name, or the hypothesis's own. */
  readonly subject: string;
  /** Log evidence, its prior included. */
  readonly score: number;
  /** Size and cell of the largest term. */
  readonly size: number;
  readonly cell: number;
  /** Cells that were summed, where the sum stops at those that add nothing. */
  readonly summedOver?: readonly number[];
}

export interface Hypothesis<Found extends Explanation = Explanation> {
  readonly name: string;
  /** Whether it is weighed at every step, or only before an alert opens because it costs more. */
  readonly asked: "every-step" | "before-opening";
  /** Events of the kind that are expected per onset that fits a region's fall once, spread evenly over `sizes`. */
  prior(priors: Priors): number;
  readonly sizes: readonly number[];
  /** Log evidence of every explanation of the kind, summed over onset x ramp x size. */
  evaluate(input: EvaluationInput): readonly Found[];
  /** The fall of each row that it predicts, relative to the row's reference, once the ramp is over. */
  predict(model: ScoreModel, subject: string, size: number): Float64Array;
}

/** When so many cells in a row, best first, each added less than this part to a sum, the rest adds nothing. */
const IDLE_CELLS = 3;
const LOG_NEGLIGIBLE = Math.log(0.004);

/**
 * Goes through cells best first until they add nothing, and returns how many that were.
 *
 * @param add adds the k-th cell and returns its largest log term
 */
export function untilNegligible(cells: readonly number[], add: (cell: number, k: number) => number): number {
  let running = Number.NEGATIVE_INFINITY;
  let idle = 0;
  for (const [k, cell] of cells.entries()) {
    const fresh = add(cell, k);
    idle = fresh > running + LOG_NEGLIGIBLE ? 0 : idle + 1;
    running = Math.max(running, fresh);
    if (idle >= IDLE_CELLS) return k + 1;
  }
  return cells.length;
}

/** Place of the largest value; 0 of none. */
export function largestAt(values: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < values.length; k++) if ((values[k] ?? 0) > (values[best] ?? 0)) best = k;
  return best;
}
