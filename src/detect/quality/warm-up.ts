/** Warming up: a state of its own, per pool and network, with the time left. It is never an alert. */

import { DAY_SECONDS, HOUR_MS } from "../../model/time-units.ts";
import { itemAt } from "../model/elements.ts";
/** A row is warm after a day of figures: a day holds the whole daily cycle, and enough innovations for the noise unit. */
export const WARM_SECONDS = DAY_SECONDS;
/** A network is evaluated once this part of the pools that have reported is warm. */
const WARM_PART = 0.5;
/** A longer silence of a cold row, that is also longer than three of its usual pauses, does not count as warming up, ms. */
const GAP_MS = HOUR_MS;
/** The same while a row's pace is unknown, ms: the slowest sources publish every few hours. */
export const GAP_UNKNOWN_MS = 6 * HOUR_MS;

/** Number of pauses after which a row's pace is known. From then on one long silence is a gap. */
export const PAUSES_KNOWN = 3;

/** What a row's gate knows for warming up. Times in ms. */
interface Warming {
  readonly firstAt: number;
  readonly acceptedAt: number;
  readonly pauseMs: number;
  readonly pauses: number;
}

interface Rows<G extends Warming> {
  readonly rows: readonly { readonly pool: string }[];
  readonly gate: readonly G[];
}

/** Since when a row has been warming up, without long silences, ms. A row that was warm at its last figure stays warm. */
export function warmFrom({ firstAt, acceptedAt, pauseMs, pauses }: Warming, at: number): number {
  if (acceptedAt - firstAt >= WARM_SECONDS * 1000) return firstAt;
  const silence = at - Math.max(acceptedAt, firstAt);
  const gap = Math.max(pauses < PAUSES_KNOWN ? GAP_UNKNOWN_MS : GAP_MS, 3 * pauseMs);
  return silence > gap ? firstAt + silence : firstAt;
}

/** When a row will be warm if its figures keep coming, ms. */
export function warmAtOf(gate: Warming, at: number): number {
  return warmFrom(gate, at) + WARM_SECONDS * 1000;
}

export function isWarm(gate: Warming, at: number): boolean {
  return gate.firstAt > 0 && at >= warmAtOf(gate, at);
}

/** Rows by pool, for pools that have published a figure: totals and regional rows. */
export function speakingPools<G extends Warming>({ rows, gate }: Rows<G>): Map<string, G[]> {
  const found = new Map<string, G[]>();
  rows.forEach(({ pool }, index) => {
    if (itemAt(gate, index).firstAt === 0) return;
    const known = found.get(pool);
    if (known) known.push(itemAt(gate, index));
    else found.set(pool, [itemAt(gate, index)]);
  });
  return found;
}

/** Whether enough pools are warm to evaluate the network from their figures. A pool is as warm as its warmest row. */
export function isNetworkWarm({ rows, gate, at }: Rows<Warming> & { readonly at: number }): boolean {
  const spoke = gate.filter((each) => each.firstAt > 0);
  if (spoke.every((each) => isWarm(each, at))) return spoke.length > 0;
  const speaking = new Set<string>();
  const warm = new Set<string>();
  gate.forEach((each, row) => {
    if (each.firstAt === 0) return;
    speaking.add(itemAt(rows, row).pool);
    if (isWarm(each, at)) warm.add(itemAt(rows, row).pool);
  });
  return speaking.size > 0 && warm.size >= WARM_PART * speaking.size;
}

/**
 * Whether enough pools are warm to evaluate the network from their figures, and from when on they will be. A pool is as warm
 * as its warmest row: a pool that reports figures for regions only counts like any other, and a new figure does not make the
 * network cold again. There is no time while no pool has reported.
 */
export function networkWarmth(state: Rows<Warming> & { readonly at: number }): {
  readonly warm: boolean;
  readonly warmAt?: number;
} {
  const times = [...speakingPools(state).values()]
    .map((rows) => Math.min(...rows.map((gate) => warmAtOf(gate, state.at))))
    .sort((a, b) => a - b);
  if (times.length === 0) return { warm: false };
  const warmAt = itemAt(times, Math.ceil(WARM_PART * times.length) - 1);
  return { warm: warmAt <= state.at, warmAt: Math.max(warmAt, state.at) };
}
