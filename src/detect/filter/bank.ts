/**
 * The bank: a few noise models (and, where no window is configured, a few averaging windows), of which each row uses the one that
 * predicts it best. Nothing is fitted to a fleet: the bank spans what pools show, and the data choose.
 */
import {
  fallResponse,
  type NoiseModel,
  type SteadyFilter,
  steadyFilter,
  straightResponse,
  suddenResponse,
} from "./kalman.ts";

/** A time scale: its steps, ramps, oldest onset and priors. */
export interface ScaleSpec {
  readonly name: "fast" | "slow";
  readonly stepSeconds: number;
  readonly rampSeconds: readonly number[];
  /** Prior of each ramp for a region's fall. */
  readonly rampPrior: readonly number[];
  /** Oldest onset that is kept, in steps. */
  readonly maxAge: number;
  readonly noiseModels: readonly NoiseModel[];
  /** Windows that are tried when the configuration says none. */
  readonly unknownWindows: readonly number[];
  /** Prior probability that a row has trouble of its own within the scale's memory, where no onset is asked for. */
  readonly own: number;
  /** How often a row has an outage of its own, or another change of its own. */
  readonly outagesPerDay: number;
  /** Prior of a network-wide fall (prices, difficulty, this installation's view), relative to a regional one. */
  readonly widePrior: number;
  /** Log odds by which a region must beat every other explanation. */
  readonly margin: number;
  /** Standard deviation of an innovation before anything is known, relative to the row. */
  readonly priorSd: number;
  /** Memory of the noise unit, in seconds. */
  readonly memorySeconds: number;
  /**
   * A rise of more standard deviations than this restarts the row's filter at the new level. Otherwise a filter with a wrong window
   * would overshoot at a return, and the next figures would look like a fall.
   */
  readonly restartRise: number;
  /** Relative variance of a row's level that no filter explains: daily curtailment, drift of shares. */
  readonly wander: number;
}

/** One entry of a pool's bank. */
export interface BankEntry {
  readonly filter: SteadyFilter;
  /** Responses to a unit fall, ramp by ramp, `maxAge + 1` ages each. */
  readonly response: Float64Array;
  /** Response to a sudden unit fall by age, through the window, and of a figure that itself falls at once. */
  readonly sudden: Float64Array;
  readonly straight: Float64Array;
}

/** Longest buffer, in steps: a longer window is modelled as this long, which leaves slightly correlated innovations. */
const MAX_CELLS = 72;

/** Makes bank entries, each kind once. */
export function bankMaker(spec: ScaleSpec): (windowSeconds: number | undefined) => readonly BankEntry[] {
  const known = new Map<number, readonly BankEntry[]>();
  const entries = (cells: number): readonly BankEntry[] => {
    const made = known.get(cells);
    if (made) return made;
    const ages = spec.maxAge + 1;
    const fresh = spec.noiseModels.map((model) => {
      const filter = steadyFilter(model, cells, spec.stepSeconds);
      const sudden = suddenResponse(filter, ages);
      const response = new Float64Array(spec.rampSeconds.length * ages);
      spec.rampSeconds.forEach((ramp, k) => {
        response.set(fallResponse(sudden, ramp, spec.stepSeconds), k * ages);
      });
      return { filter, response, sudden, straight: straightResponse(filter, ages) };
    });
    known.set(cells, fresh);
    return fresh;
  };
  const cellsOf = (windowSeconds: number): number =>
    Math.min(MAX_CELLS, Math.max(1, Math.round(windowSeconds / spec.stepSeconds)));
  return (windowSeconds) => {
    if (windowSeconds !== undefined) return entries(cellsOf(windowSeconds));
    return [...new Set(spec.unknownWindows.map(cellsOf))].flatMap((cells) => entries(cells));
  };
}
