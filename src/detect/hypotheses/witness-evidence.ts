/**
 * A witness's signal as evidence for its region: a bounded log-likelihood ratio. A witness sees a cause (a country that is cut off,
 * a grid that is short), not hash rate, so it can only weigh explanations that the figures already support.
 */
import { DROP_PRIOR, DROP_TOTAL, DROPS } from "../model/grids.ts";

/** The kinds of signals that witnesses give. */
export type Channel = "connectivity" | "grid" | "miners";

/** How one channel's signal is related to a region's falls. */
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

/** Bounds of the evidence of one region's witnesses, nats. A wrong witness must not outvote many pools. */
export const WITNESS_NATS = { least: -0.5, most: 4 } as const;

/** One channel's testimony about a region around an onset: it signals, or it is heard and silent. */
export interface Testimony {
  readonly model: SignalModel;
  readonly isSignalled: boolean;
}

const within = (nats: number): number => Math.min(WITNESS_NATS.most, Math.max(WITNESS_NATS.least, nats));

/** The likelihood ratio of a testimony, split into falls with the channel's cause and all others. */
function oddsOf({ model: { causeShare, hitRate, falseRate }, isSignalled }: Testimony): {
  cause: number;
  rest: number;
} {
  const chance = isSignalled ? hitRate / falseRate : (1 - hitRate) / (1 - falseRate);
  return { cause: causeShare * chance, rest: 1 - causeShare };
}

/**
 * Nats of one testimony: lambda = ln(pi q1/q0 + 1 - pi) where it signals, ln(pi (1-q1)/(1-q0) + 1 - pi) where it is
 * heard and silent, within WITNESS_NATS. The lower bound lifts what a silent channel says. What that adds to the expectation of
 * exp(lambda) while nothing falls is taken back, so that it stays at most 1 and the budget's threshold holds.
 */
export function witnessNats({ model, isSignalled }: Testimony): number {
  const nats = (signalled: boolean): number => {
    const { cause, rest } = oddsOf({ model, isSignalled: signalled });
    return within(Math.log(cause + rest));
  };
  const expected = model.falseRate * Math.exp(nats(true)) + (1 - model.falseRate) * Math.exp(nats(false));
  return nats(isSignalled) - Math.log(Math.max(1, expected));
}

/** Prior of the drops that a cause makes, relative to that of all drops; sums to 1 over the prior. */
function causeDrops({ from, to }: SignalModel["drops"]): number[] {
  const inside = DROPS.reduce((sum, drop, k) => sum + (drop >= from && drop <= to ? (DROP_PRIOR[k] ?? 0) : 0), 0);
  return DROPS.map((drop) => (drop >= from && drop <= to && inside > 0 ? DROP_TOTAL / inside : 0));
}

/** Least log of a drop's share: a cut-off of a tenth is not impossible. */
const LEAST_SHAPE = Math.log(0.02);

/**
 * What a region's channels add to its fall by each drop of the grid, nats: their words together, and the size that goes with
 * them. Where a signal makes a cut-off likely, the drop is that of a cut-off. The mean over the prior of drops stays exp(lambda).
 */
export function witnessRatios(testimonies: readonly Testimony[]): Float64Array {
  const together = testimonies.reduce((sum, each) => sum + witnessNats(each), 0);
  const nats = Math.min(WITNESS_NATS.most, together);
  const ratios = new Float64Array(DROPS.length).fill(nats);
  for (const each of testimonies) {
    const { cause, rest } = oddsOf(each);
    const share = cause / (cause + rest);
    for (const [d, relative] of causeDrops(each.model.drops).entries()) {
      ratios[d]! += Math.max(LEAST_SHAPE, Math.log(share * relative + 1 - share));
    }
  }
  return ratios;
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
/** Part of a region's falls that the servers which one pool has there show. */
const MINERS_SHARE = 0.3;

/** The configured share for a region, or the usual one of its kind. */
export function causeShareOf(
  channel: Channel,
  region: string,
  configured: Readonly<Record<string, number>> = {},
): number {
  if (channel === "grid") return GRID_SHARE;
  if (channel === "miners") return MINERS_SHARE;
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
  // Any fall that is large enough takes miners off their servers.
  miners: { hitRate: 0.7, drops: { from: 0.2, to: 2 } },
};
