/**
 * What a witness's signal adds to the score of its region: a bounded log likelihood ratio. A witness sees a cause (a country
 * that is cut off, a grid that is short), not hash rate, so it can only weigh explanations that the figures already carry.
 */
import { DROP_PRIOR, DROPS } from "../model/grids.ts";

/** What a channel of witnesses can see of a region. */
export type Channel = "connectivity" | "grid";

/** How one channel's signal comes with a region's falls. */
export interface SignalModel {
  /** Share of the region's falls that have the cause which the channel sees, 0..1 (pi). */
  readonly causeShare: number;
  /** Chance of a signal when a fall has that cause (q1). */
  readonly hitRate: number;
  /** Chance of a signal within two hours while nothing falls (q0), measured per region. */
  readonly falseRate: number;
  /** Drops that such a cause makes. */
  readonly drops: { readonly from: number; readonly to: number };
}

/** Bounds of what one region's witnesses may add, nats. A witness that errs may not outvote many pools. */
export const WITNESS_NATS = { least: -0.5, most: 4 } as const;

/**
 * Log likelihood ratios of one signal, one per drop of the grid:
 * ln(pi q1/q0 s(d) + 1 - pi) where the channel signals, ln(pi (1-q1)/(1-q0) s(d) + 1 - pi) where it is heard and silent.
 * s(d) is the cause's density of drops relative to the prior of drops. Its expectation while nothing falls is at most 1
 * before the bounds, so the threshold of the false-alarm budget still holds.
 */
export function witnessRatios(model: SignalModel, isSignalled: boolean): Float64Array {
  const { causeShare, hitRate, falseRate, drops } = model;
  const chance = isSignalled ? hitRate / falseRate : (1 - hitRate) / (1 - falseRate);
  const fits = DROPS.map((drop) => drop >= drops.from && drop <= drops.to);
  const total = DROP_PRIOR.reduce((sum, prior) => sum + prior);
  const inside = DROP_PRIOR.reduce((sum, prior, k) => sum + (fits[k] ? prior : 0), 0);
  return Float64Array.from(DROPS, (_, k) => {
    const relative = fits[k] && inside > 0 ? total / inside : 0;
    const log = Math.log(Math.max(1e-12, causeShare * chance * relative + 1 - causeShare));
    return Math.min(WITNESS_NATS.most, Math.max(WITNESS_NATS.least, log));
  });
}

/**
 * Share of a region's falls that are cut-offs (of the grid: that are curtailment), where the configuration says nothing.
 * Guesses: a country with few ways out is cut off as a whole; a large one with many networks hardly ever is.
 */
const CUT_OFF_SHARE = 0.5;
const MANY_NETWORKS: ReadonlySet<string> = new Set(["US", "CA", "EU", "AU", "DE", "FR", "GB", "JP", "NO", "SE"]);
const MANY_NETWORKS_SHARE = 0.05;
const LARGE_COUNTRIES: ReadonlySet<string> = new Set(["RU", "CN", "IN", "BR"]);
const LARGE_SHARE = 0.2;
const GRID_SHARE = 0.3;

/** The configured share for a region, or the usual one of its kind. */
export function causeShareOf(
  channel: Channel,
  region: string,
  configured: Readonly<Record<string, number>> = {},
): number {
  if (channel === "grid") return GRID_SHARE;
  const country = region.split("-")[0] ?? region;
  if (Object.hasOwn(configured, region)) return configured[region] ?? CUT_OFF_SHARE;
  if (Object.hasOwn(configured, country)) return configured[country] ?? CUT_OFF_SHARE;
  if (MANY_NETWORKS.has(country)) return MANY_NETWORKS_SHARE;
  return LARGE_COUNTRIES.has(country) ? LARGE_SHARE : CUT_OFF_SHARE;
}

/** Cut-offs take most of a region; a grid that is short or dear takes a part of it. */
export const CHANNELS: Readonly<Record<Channel, Pick<SignalModel, "hitRate" | "drops">>> = {
  connectivity: { hitRate: 0.8, drops: { from: 0.5, to: 2 } },
  grid: { hitRate: 0.6, drops: { from: 0, to: 0.5 } },
};
