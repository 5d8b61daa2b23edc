/** Everything the detector remembers of one network. Plain and encodable; changed in place by the advance. */

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
  /** Accepted figures with open alerts' effects put back, one entry per history bin and row; NaN where missing. */
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
  /** Averaging window that each row's figures show, seconds; 0 while they show none. */
  windows: number[];
  /** What the windows are learned from, WINDOW_SUMS per row (`filter/window-learning.ts`). */
  windowSums: Float32Array;
  /** Share of its pool's total that each regional row has, and what they leave of it, 0..1; 0 where it does not enter. */
  parts: number[];
  /** Pool -> regions whose figures are taken out of its total to make its rest. */
  rests: Record<string, string[]>;
  alerts: OpenAlert[];
  /** Falls that are known and not told, being what their region does at this hour day after day. */
  withheld: RegionAlert[];
  /** The region of an opening that waits for another step to say the same, and for how many steps any has stood, per scale. */
  pending: Record<"fast" | "slow", { lead: string; steps: number; standing: number }>;
  /** Whether most rows failed at once, and since when, ms. */
  blind: boolean;
  blindSince: number;
  /** Ticks in a row that each row has been far under its own level, for alerts of scope pool. */
  poolLow: number[];
  /** Level of each such row when it began, H/s. */
  poolBase: number[];
  /** Ticks in a row that each row's newest figure has been under half of it. */
  poolHalved: number[];
  /** Ticks in a row that a fall of everything has stood. */
  networkTicks: number;
  /** Falls of everything whose onset is remembered, and for how many ticks in a row another has stood. */
  networkFalls: RememberedNetworkFall[];
  networkFallTicks: number;
  /** What blocks have told; null where the network's block interval is not configured. */
  blocks: BlockState | null;
  /** Whether the newest evaluation of blocks was warm, when it will be, and whether the feed is dead. */
  blockFeed: { warm: boolean; warmAt: number; silent: boolean };
  /** Log odds per region at the newest tick, for the view. */
  scores: Record<string, number>;
  /** Last tick at which a regional alert of the fast scale was open, ms. */
  fastOpenAt: number;
  /** Set when a slow alert closes: the slow scale starts anew from this moment on, ms; 0 when it need not. */
  slowRestartAt: number;
  /** When an alert that led with a region was last closed, ms. */
  closedAt: Record<string, number>;
  /** Falls that came back, the newest last. */
  episodes: Episode[];
  /** What is left of regions whose fall became the new normal, 0..1 of their configured weights. */
  regimes: Record<string, number>;
  /** Since when rows have come at all, ms. */
  firstAt: number;
  /** What witnesses said lately, in order of keys. */
  witnesses: WitnessEntry[];
  /** How often witnesses signal, per region and channel, in order of both. */
  signalRates: SignalRate[];
  /** What would have opened but for a reason, the newest last (`alerts/not-opened.ts`). */
  notOpened: NotOpened[];
  /** Falls that have taught the weights, and those that may. */
  learned: LearnedState;
  /** Smallest falls that would be told within an hour and a day, per region. `from`: what the rows said of it. */
  detectable: Record<string, Detectable & { readonly from: number }>;
}

export function emptyGate(rows: number): GateRow[] {
  return Array.from({ length: rows }, emptyGateRow);
}

export function regionAlerts(state: DetectorState): RegionAlert[] {
  return state.alerts.filter((alert): alert is RegionAlert => alert.scope === "region");
}

/** Every regional fall that is known of, told or withheld. */
export function knownRegionFalls(state: DetectorState): RegionAlert[] {
  return [...regionAlerts(state), ...state.withheld];
}
