/** One scale's evaluation at one step: the screen, and the full posterior where the screen's T passes its threshold. */
import type { BankEntry } from "../filter/bank.ts";
import type { OtherEvidence, Priors, Shortlist, WitnessEvidence } from "../hypotheses/hypothesis.ts";
import { type NetworkFall, networkFall } from "../hypotheses/network-fall.ts";
import { type Posterior, posterior } from "../hypotheses/posterior.ts";
import { regionPriorOf } from "../hypotheses/region.ts";
import { quickPrior, rowOutages } from "../hypotheses/row-outages.ts";
import type { ScoreModel } from "../model/score-model.ts";
import type { Scale } from "../statistics/accumulate.ts";
import type { ScaleState, SufficientStatistics } from "../statistics/scale-state.ts";
import { type Screen, screen, screenReach } from "./screen.ts";
import { chooseShortlist, type Effort, screenBar } from "./shortlist.ts";

/** Screening threshold: T above which a step is evaluated in full. An opening needs log evidence of about T^2 / 2 at least. */
export const SCREENING_THRESHOLD = 3.5;

/**
 * Most nats by which a preview (of the best few cells) falls short of the full sum. A preview that is further below the threshold,
 * or below a rival, is not summed in full.
 */
const PREVIEW_SHORT = 4;

export interface Evaluation {
  readonly screen: Screen;
  /** Log statistic of all regions, or its upper bound where nothing was scored. */
  readonly most: number;
  /** Absent when the screen passes nothing. */
  readonly posterior?: Posterior;
  readonly statistics: SufficientStatistics;
  /** The priors that were used; absent when the screen passes nothing. */
  readonly regionPrior?: Float64Array;
  /** The finer fit of a network-wide fall; null where there is none, absent where it was not computed. */
  readonly fall?: NetworkFall | null;
  /** Evidence of another kind that entered the posterior. */
  readonly other?: OtherEvidence;
  /** What witnesses added to it; absent where no witness was heard. */
  readonly witnesses?: WitnessEvidence;
}

export type Banks = readonly (readonly BankEntry[])[];

/** Number of steps that each onset represents in the sum over onsets: those since the onset before it. */
export function onsetSteps(state: ScaleState, scale: Scale): Float64Array {
  const stepMs = scale.spec.stepSeconds * 1000;
  const steps = new Float64Array(state.slots).fill(1);
  for (let s = 1; s < state.slots; s++) {
    steps[s] = Math.max(1, Math.round((state.slotAt[s]! - state.slotAt[s - 1]!) / stepMs));
  }
  return steps;
}

/** A scale's statistics with the rows' own outages, which every explanation must beat. */
export function withOutages(
  statistics: SufficientStatistics,
  scale: Scale,
  state: ScaleState,
  model: ScoreModel,
): SufficientStatistics {
  const steps = onsetSteps(state, scale);
  return { ...statistics, outages: rowOutages(statistics, model.rows.length, scale.spec, steps) };
}

/** The priors of a scale. */
export function scalePriors(scale: Scale, state: ScaleState, model: ScoreModel): Priors {
  return {
    region: regionPriorOf(model, state.reference),
    ramp: scale.spec.rampPrior,
    onsetSteps: onsetSteps(state, scale),
    row: scale.spec,
  };
}

/** Onsets from `from` to `to`, ms, both inclusive; all when left out. */
export interface OnsetSpan {
  readonly from: number;
  readonly to: number;
}

/** What one scale's evaluation needs. */
export interface ScaleQuery {
  readonly scale: Scale;
  readonly state: ScaleState;
  readonly model: ScoreModel;
  /** The state's statistics, with known falls subtracted. */
  readonly statistics: SufficientStatistics;
  /** Log evidence that an opening needs. */
  readonly threshold: number;
  /** T that an onset must reach; -Infinity evaluates in full whatever the screen shows. */
  readonly screening?: number;
  readonly span?: OnsetSpan;
  readonly other?: OtherEvidence | null;
  readonly witnesses?: WitnessEvidence | null;
  /** With banks, the finer model of a network-wide fall is computed and compared with every region. */
  readonly banks?: Banks;
}

/** The result of a preview. The finer fit of a network-wide fall is computed at its first use. */
class Preview implements Evaluation {
  readonly screen: Screen;
  readonly most: number;
  readonly posterior: Posterior;
  readonly statistics: SufficientStatistics;
  readonly regionPrior: Float64Array;
  readonly #closely: () => NetworkFall | null;
  #fall: NetworkFall | null | undefined;

  constructor(
    { screen, statistics, regionPrior }: Pick<Required<Evaluation>, "screen" | "statistics" | "regionPrior">,
    posterior: Posterior,
    closely: () => NetworkFall | null,
  ) {
    this.screen = screen;
    this.statistics = statistics;
    this.regionPrior = regionPrior;
    this.posterior = posterior;
    this.most = posterior.total;
    this.#closely = closely;
  }

  get fall(): NetworkFall | null {
    if (this.#fall === undefined) this.#fall = this.#closely();
    return this.#fall;
  }
}

/** Screens a scale's onsets, and sums every hypothesis where something passes. */
export function evaluateScale(query: ScaleQuery): Evaluation {
  const {
    scale,
    state,
    model,
    threshold,
    screening = SCREENING_THRESHOLD,
    span,
    other = null,
    witnesses = null,
    banks,
  } = query;
  const { spec } = scale;
  const statistics = withOutages(query.statistics, scale, state, model);
  const within = (s: number): boolean => !span || (state.slotAt[s]! >= span.from && state.slotAt[s]! <= span.to);
  const every = Array.from({ length: state.slots }, (_, s) => s).filter(within);
  const firstRamps = [0, 1].filter((k) => k < spec.rampSeconds.length);
  const coarse = screen(model, statistics, firstRamps, every, screening);
  if (!(coarse.peak > screening)) return { screen: coarse, statistics, most: Number.NEGATIVE_INFINITY };
  const fine = screen(model, statistics, [...spec.rampSeconds.keys()], every, screenBar(coarse.peak));
  const priors = scalePriors(scale, state, model);
  const steps = priors.onsetSteps;
  const prior = quickPrior(spec);
  const choice = { model, statistics, screened: fine, rampPrior: spec.rampPrior, onsetSteps: steps, prior };
  const shortlist = (effort: Effort): Shortlist => chooseShortlist(choice, effort);
  const evaluated = { screen: fine, statistics, regionPrior: priors.region };
  const input = { model, statistics, priors };
  const closely = (): NetworkFall | null =>
    banks === undefined ? null : networkFall({ model, state, spec, banks, statistics, priors }, span?.from);
  if (screening > Number.NEGATIVE_INFINITY) {
    const reach = screenReach(fine, steps, spec.rampPrior, priors.region);
    const gain = witnesses?.most ?? 0;
    if (reach + gain < threshold) return { ...evaluated, most: reach };
    const preview = posterior({ ...input, shortlist: shortlist("preview"), other: null, witnesses });
    const least = Math.max(threshold, preview.rivals + spec.margin);
    if (preview.total < least - PREVIEW_SHORT) {
      // What is clearly no region may be a network-wide fall. Its onset and size are computed only if an alert needs them.
      return new Preview(evaluated, preview, preview.network.score >= threshold ? closely : () => null);
    }
  }
  const fall = closely();
  const close = fall === null ? priors : { ...priors, networkFall: fall.score };
  const found = posterior({ ...input, priors: close, shortlist: shortlist("full"), other, witnesses });
  const entered = { ...(other ? { other } : {}), ...(witnesses ? { witnesses } : {}) };
  return { ...evaluated, fall, posterior: found, most: found.total, ...entered };
}
