/** Everything that the detector remembers of one network: plain, encodable data that `advance` changes in place. */

import type { NotOpened } from "../../model/not-opened.ts";
import type { Detectable } from "../../model/view.ts";
import type { BlockState } from "../blocks/contract.ts";
import type { Row } from "../model/score-model.ts";
import { emptyGateRow, type GateRow } from "../quality/gate.ts";
import type { ScaleState } from "../statistics/scale-state.ts";
import type { LearnedState } from "../weights/learned.ts";
import type { OpenAlert, RegionAlert, RememberedNetworkFall } from "./alert-state.ts";
import type { Episode } from "./episodes.ts";
import type { SignalRate } from "./signal-rates.ts";
import type { WitnessEntry } from "./witness-memory.ts";

export interface DetectorState {
  /** Last tick, ms; 0 before the first. */
  at: number;
  rows: Row[];
  gate: GateRow[];
  fast: ScaleState;
  slow: ScaleState;
  /** Accepted figures with the effects of open alerts added back, per history bin and row, H/s; NaN where missing. */
  history: Float32Array;
  historyHead: number;
  historyAt: number;
  /** Medians of six hours, newest at `dayHead`, for the slow scale's baselines. */
  slowHistory: Float32Array;
  slowHead: number;
  slowAt: number;
  /** Raw levels of eight days, half an hour apart, and the end of the newest bin, ms (`days.ts`). */
  days: Float32Array;
  daysAt: number;
  /** Raw level of the last quarter of an hour per row, H/s, and its time. */
  recent: Float64Array;
  recentAt: Float64Array;
  /** Learned averaging window per row, seconds; 0 while none is learned. */
  windows: number[];
  /** Sums that the windows are learned from, WINDOW_SUMS per row (`filter/window-learning.ts`). */
  windowSums: Float32Array;
  /** Share of the pool's total per regional row and rest, 0..1; 0 where the row is not used. */
  parts: number[];
  /** Pool -> regions whose figures are subtracted from its total to make its rest. */
  rests: Record<string, string[]>;
  alerts: OpenAlert[];
  /** Falls that are withheld because they are a daily habit of their region. */
  withheld: RegionAlert[];
  /**
   * Per scale the leading region of an opening that waits for confirmation, for how many steps, and for how many steps any has
   * waited.
   */
  pending: Record<"fast" | "slow", { lead: string; steps: number; standing: number }>;
  /** Whether most rows failed at once, and since when, ms. */
  blind: boolean;
  blindSince: number;
  /** Ticks in a row for which each row was far under its own level, for alerts of scope pool. */
  poolLow: number[];
  /** Level of each such row when it began, H/s. */
  poolBase: number[];
  /** Ticks in a row for which each row's newest figure was under half of that level. */
  poolHalved: number[];
  /** Ticks in a row for which a network-wide fall was the best explanation. */
  networkTicks: number;
  /** Network-wide falls whose onset is in memory, and for how many ticks in a row a further one was found. */
  networkFalls: RememberedNetworkFall[];
  networkFallTicks: number;
  /** State of the block evidence; null where the network's block interval is not configured. */
  blocks: BlockState | null;
  /** Whether the newest evaluation of blocks was warm, when it will be warm, ms, and whether the feed is silent. */
  blockFeed: { warm: boolean; warmAt: number; silent: boolean };
  /** Log odds per region at the newest tick, for the view. */
  scores: Record<string, number>;
  /** Last tick at which a regional alert of the fast scale was open, ms. */
  fastOpenAt: number;
  /** Moment at which the slow scale restarts, ms; set when a slow alert closes, 0 when no restart is due. */
  slowRestartAt: number;
  /** When an alert with this leading region was last closed, ms. */
  closedAt: Record<string, number>;
  /** Falls that have ended, newest last. */
  episodes: Episode[];
  /** Regions whose fall became the new normal: remaining part of their configured weights, 0..1. */
  regimes: Record<string, number>;
  /** Time of the first row ever, ms. */
  firstAt: number;
  /** Recent facts of witnesses, in order of their keys. */
  witnesses: WitnessEntry[];
  /** How often witnesses signal, per region and channel, in order of both. */
  signalRates: SignalRate[];
  /** What nearly opened, each with the reason why it did not, newest last (`alerts/not-opened.ts`). */
  notOpened: NotOpened[];
  /** Falls that the weights have learned from, and falls that may still be labelled. */
  learned: LearnedState;
  /**
   * Smallest drops that would be reported within an hour and a day, per region. `from`: the information they were computed
   * from.
   */
  detectable: Record<string, Detectable & { readonly from: number }>;
}

export function emptyGate(rows: number): GateRow[] {
  return Array.from({ length: rows }, emptyGateRow);
}

export function regionAlerts(state: DetectorState): RegionAlert[] {
  return state.alerts.filter((alert): alert is RegionAlert => alert.scope === "region");
}

/** Every followed regional fall, reported or withheld. */
export function knownRegionFalls(state: DetectorState): RegionAlert[] {
  return [...regionAlerts(state), ...state.withheld];
}
