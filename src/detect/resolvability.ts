/**
 * What a configuration's pools can show before any sample came: per region the smallest drop that would open an alert within an
 * hour and within a day, and the regions it would be confused with. Expected log-likelihood ratios under the configured windows,
 * weight errors and ordinary noise, with the functions that score live.
 */

import { OTHER_REGION } from "../model/region.ts";
import { DAY_SECONDS, HOUR_SECONDS } from "../model/time-units.ts";
import type { DetectorModel } from "./contract.ts";
import { BUDGET_SHARE, logThreshold } from "./decide/threshold.ts";
import { expectedScore, informationWithin, namedLogOdds, smallestDrops, truthOf } from "./detectable-drops.ts";
import { regionPriorOf } from "./hypotheses/region.ts";
import { DROPS } from "./model/grids.ts";
import { compile } from "./network-model.ts";
import { agedPools } from "./weights/age.ts";

/**
 * Relative standard deviation of an ordinary pool's innovation in five minutes: synthetic fleets and published series show 0.4
 * to 1 %.
 */
export const ORDINARY_NOISE = 0.006;
/** Drop of the blackout at which confusion is evaluated. */
const BLACKOUT = 0.8;

export interface Confusion {
  readonly region: string;
  /** Expected log odds for the true region against this one after a day. Under those of `nameProbability` they are reported together. */
  readonly logOdds: number;
}

export interface RegionResolvability {
  readonly region: string;
  /**
   * Smallest drop (0..1) whose expected score opens within an hour, whatever its name; null when none does. In simulated
   * worlds it is opened in two cases of three, 0.6 of it in one of ten, and 1.5 times it in all but one of a hundred
   * (test/false-alarms/smallest-drops).
   */
  readonly smallestDropHour: number | null;
  /** The same within a day. */
  readonly smallestDropDay: number | null;
  /** Smallest drop that is expected to be told by its name within an hour, and within a day; null when none is. */
  readonly smallestNamedHour: number | null;
  readonly smallestNamedDay: number | null;
  /** Regions that a blackout of this one cannot be told apart from within a day, worst first. */
  readonly confusedWith: readonly Confusion[];
}

/**
 * Per region of the model, OTHER left out, in order of names.
 *
 * @param options.noise relative standard deviation of a pool's innovation in one interval, where something better is known
 * @param options.at when, ms: weights that are old by then count for less
 */
export function resolvability(
  model: DetectorModel,
  options: { readonly noise?: number; readonly at?: number } = {},
): RegionResolvability[] {
  const compiled = compile(options.at === undefined ? model : { ...model, pools: agedPools(model.pools, options.at) });
  const layout = compiled.layout(compiled.pools.map((pool) => ({ pool: pool.id, region: null })));
  const { spec } = compiled.fast;
  const scaled = ORDINARY_NOISE * Math.sqrt(Math.max(1, model.intervalSeconds / 300));
  const noise = options.noise ?? scaled;
  const heard = layout.fastBanks.map((bank) => ({ entry: bank[Math.min(1, bank.length - 1)]!, variance: noise ** 2 }));
  const threshold = logThreshold(model.detection.falseAlarmsPerMonth, spec.stepSeconds, BUDGET_SHARE.fast);
  const { nameProbability } = compiled.settings;
  const [hour, day] = [HOUR_SECONDS, DAY_SECONDS].map((seconds) => informationWithin(heard, spec, seconds));
  // The prior of the live score, with pools taken for equally large: none was heard yet.
  const query = {
    model: layout.score,
    prior: regionPriorOf(layout.score, new Float64Array(layout.rows.length).fill(1)),
    spec,
    threshold,
    nameProbability,
  };
  const listed = layout.score.regions.filter(({ region }) => region !== OTHER_REGION);
  return listed.map((rows): RegionResolvability => {
    const fall = truthOf(rows, day!, BLACKOUT, spec);
    const own = Math.max(...DROPS.map((drop) => expectedScore(rows, day!, fall, drop, spec)));
    const confusedWith = listed
      .filter((other) => other !== rows)
      .map((other): Confusion => {
        const score = Math.max(...DROPS.map((drop) => expectedScore(other, day!, fall, drop, spec)));
        return { region: other.region, logOdds: Number((own - score).toFixed(2)) };
      })
      .filter((entry) => entry.logOdds < namedLogOdds(nameProbability))
      .sort((x, y) => x.logOdds - y.logOdds);
    const index = layout.score.regions.indexOf(rows);
    const within = {
      hour: smallestDrops({ ...query, information: hour! }, index),
      day: smallestDrops({ ...query, information: day! }, index),
    };
    return {
      region: rows.region,
      smallestDropHour: within.hour.listed,
      smallestDropDay: within.day.listed,
      smallestNamedHour: within.hour.named,
      smallestNamedDay: within.day.named,
      confusedWith,
    };
  });
}
