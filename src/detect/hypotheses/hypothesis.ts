/**
 * The interface of every competing explanation of the pools' figures. A new one is one file, one line in `list.ts` and its test.
 * All are scored from the same sufficient statistics, on the same scale: the log of a sum over onsets (each weighted by the steps
 * it represents), ramps and sizes, of prior times likelihood ratio against "nothing happened".
 */
import type { BankEntry, ScaleSpec } from "../filter/bank.ts";
import type { ScoreModel } from "../model/score-model.ts";
import type { ScaleState, SufficientStatistics } from "../statistics/scale-state.ts";
import type { RowPrior } from "./likelihood.ts";

/** Evidence of another kind for the same hypotheses (blocks), independent of the rows given what happened: log ratios to add. */
export interface OtherEvidence {
  /** Per region of the model x DROPS, drops fastest. */
  regions(onset: number): Float64Array;
  /** Per size of WIDE. */
  wide(onset: number): Float64Array;
}

/** Bounded evidence of witnesses, kept apart so that every score can also be given without it. */
export interface WitnessEvidence {
  /** Per region of the model x DROPS, drops fastest, nats. */
  regions(onset: number): Float64Array;
  /** Nats per country that has witnesses but no weights. */
  unlisted(onset: number): ReadonlyMap<string, number>;
  /** Most that any region can gain, nats. */
  readonly most: number;
}

/** Prior probabilities. */
export interface Priors {
  /** Of each region, sums to 1. */
  readonly region: Float64Array;
  readonly ramp: readonly number[];
  /** Number of steps that each onset represents. */
  readonly onsetSteps: Float64Array;
  readonly row: RowPrior & { readonly widePrior: number };
  /** Log statistic of the finer model of a network-wide fall (`network-fall.ts`); absent where it was not computed. */
  readonly networkFall?: number;
}

/** Where hypotheses are summed. Regions by their place in the model; cells (onset x ramp) best first. */
export interface Shortlist {
  readonly regions: readonly number[];
  /** Cells at which regions and operators are summed. */
  readonly regional: readonly number[];
  /** Cells at which a network-wide fall is summed. */
  readonly networkWide: readonly number[];
}

/** The rows' past innovations, for hypotheses whose shape is more than one ramp. */
export interface RowHistory {
  readonly state: ScaleState;
  readonly spec: ScaleSpec;
  readonly banks: readonly (readonly BankEntry[])[];
}

/** Everything that a hypothesis is evaluated from. */
export interface EvaluationInput {
  readonly model: ScoreModel;
  readonly statistics: SufficientStatistics;
  readonly priors: Priors;
  readonly shortlist: Shortlist;
  readonly other: OtherEvidence | null;
  readonly witnesses?: WitnessEvidence | null;
  readonly history?: RowHistory;
}

/** One explanation of a hypothesis: a region, an operator's pools, or the whole network. */
export interface Explanation {
  /** The operator's name, or the hypothesis's own. */
  readonly subject: string;
  /** Log evidence, its prior included. */
  readonly score: number;
  /** Size and cell of the largest term. */
  readonly size: number;
  readonly cell: number;
  /** The summed cells, where the sum stops at cells that add nothing. */
  readonly summedOver?: readonly number[];
}

export interface Hypothesis<Found extends Explanation = Explanation> {
  readonly name: string;
  /** Whether it is evaluated at every step, or only before an alert opens, because it costs more. */
  readonly asked: "every-step" | "before-opening";
  /** Expected number of such events per regional fall, spread evenly over `sizes`. */
  prior(priors: Priors): number;
  readonly sizes: readonly number[];
  /** Log evidence of every explanation of the kind, summed over onset x ramp x size. */
  evaluate(input: EvaluationInput): readonly Found[];
  /** The predicted fall of each row after the ramp, relative to the row's reference. */
  predict(model: ScoreModel, subject: string, size: number): Float64Array;
}

/** A sum stops after IDLE_CELLS cells in a row, best first, that each added less than this part. */
const IDLE_CELLS = 3;
const LOG_NEGLIGIBLE = Math.log(0.004);

/**
 * Adds cells, best first, until they add nothing. Returns their number.
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

/** Index of the largest value; 0 without values. */
export function largestAt(values: ArrayLike<number>): number {
  let best = 0;
  for (let k = 1; k < values.length; k++) if ((values[k] ?? 0) > (values[best] ?? 0)) best = k;
  return best;
}
