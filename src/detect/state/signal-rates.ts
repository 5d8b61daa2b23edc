/** How often a region's witnesses signal while nothing is known to fall: a country whose signal is always bad says nothing. */

import type { Fact } from "../../model/fact.ts";
import { HOUR_MS } from "../../model/time-units.ts";
import type { Channel } from "../hypotheses/witness-evidence.ts";

/** A signal is looked for in windows of this length, as an alert looks for one around its onset. */
export const SIGNAL_WINDOW_MS = 2 * HOUR_MS;
/** Windows of the newest day are kept apart, so that a fall under way does not make its own signal look usual. */
const RECENT_WINDOWS = 12;
/** 90 days of windows. */
const MOST_WINDOWS = 1080;
/** 64 regions with two channels each. */
const MOST_RATES = 128;
/** Below this share of its median a country's reachability is disturbed: IODA's own critical level is about there. */
export const DISTURBED = 0.9;
/** Below this share of its usual miners a pool's servers are gone: of a country that is cut off, some miners always remain. */
export const DESERTED = 0.05;
/** Mining a coin costs about this much power at the margin, USD/MWh; above it miners sell their power back. */
const DEAR_USD_PER_MWH = 150;

/** Counts of one region and channel. */
export interface SignalRate {
  readonly channel: Channel;
  readonly region: string;
  /** Start of the window under way, ms. */
  from: number;
  /** Whether a signal was seen in it. */
  low: boolean;
  /** Windows of the newest day, oldest first: 1 with a signal, 0 without. */
  recent: number[];
  /** Older windows: how many, and how many with a signal in them or in the one before; the last 90 days of them, fading. */
  windows: number;
  signals: number;
  /** Whether the newest of the older windows had a signal of its own: 1 or 0. */
  previous?: number;
}

/** Whether a fact is near enough in time to speak of what began at `onset`, ms. */
export function isAround(fact: Fact, onset: number): boolean {
  if (fact.kind === "price") return false;
  if (fact.kind === "outage") {
    return fact.from <= onset + SIGNAL_WINDOW_MS && (fact.to ?? onset) >= onset - SIGNAL_WINDOW_MS;
  }
  return Math.abs(fact.at - onset) <= SIGNAL_WINDOW_MS;
}

/** Whether a grid is so short or dear that miners switch off. */
export function isGridShort(fact: Extract<Fact, { kind: "grid" }>): boolean {
  return (fact.emergencyLevel ?? 0) > 0 || (fact.usdPerMegawattHour ?? 0) >= DEAR_USD_PER_MWH;
}

/** Which channel a fact speaks on, and whether it is a signal; null for facts that are no evidence. */
export function signalOf(fact: Fact): { readonly channel: Channel; readonly isSignal: boolean } | null {
  switch (fact.kind) {
    case "connectivity":
      return { channel: "connectivity", isSignal: fact.ratio < DISTURBED };
    case "outage":
      return { channel: "connectivity", isSignal: true };
    case "grid":
      return { channel: "grid", isSignal: isGridShort(fact) };
    case "miners":
      // Servers without any miner are their pool's own trouble, and a count without a usual one says nothing.
      return fact.ratio === null || fact.ratio < DESERTED
        ? null
        : { channel: "miners", isSignal: fact.ratio < DISTURBED };
    default:
      return null;
  }
}

function roll(rate: SignalRate, from: number): void {
  rate.recent.push(rate.low ? 1 : 0);
  rate.from = from;
  rate.low = false;
  while (rate.recent.length > RECENT_WINDOWS) {
    const keep = rate.windows >= MOST_WINDOWS ? 1 - 1 / MOST_WINDOWS : 1;
    rate.windows = rate.windows * keep + 1;
    const low = rate.recent.shift() ?? 0;
    // An onset hears signals of two hours before and after it, so one of a moment is heard by the onsets of two windows.
    rate.signals = rate.signals * keep + Math.max(low, rate.previous ?? 0);
    rate.previous = low;
  }
}

/** Counts a tick's facts, in place. Windows without any fact are not counted: silence is no quiet. */
export function countSignals(rates: SignalRate[], facts: readonly Fact[], at: number): void {
  const from = Math.floor(at / SIGNAL_WINDOW_MS) * SIGNAL_WINDOW_MS;
  for (const fact of facts) {
    const signal = signalOf(fact);
    if (signal === null || fact.kind === "price") continue;
    let rate = rates.find((each) => each.channel === signal.channel && each.region === fact.region);
    if (rate === undefined) {
      if (rates.length >= MOST_RATES) continue;
      rate = { channel: signal.channel, region: fact.region, from, low: false, recent: [], windows: 0, signals: 0 };
      rates.push(rate);
    }
    if (rate.from !== from) roll(rate, from);
    rate.low ||= signal.isSignal;
  }
  rates.sort((x, y) => (x.channel + x.region < y.channel + y.region ? -1 : 1));
}

/** Fraction of two-hour windows with a signal, plus half a window for what was never seen; 0.5 before a day is known. */
export function falseRateOf(rate: SignalRate): number {
  const windows = Math.max(1, rate.windows);
  return Math.min(0.95, rate.signals / windows + 1 / (2 * windows));
}
