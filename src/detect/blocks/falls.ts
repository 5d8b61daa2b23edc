/** Falls that are known of: open alerts, whose effect is taken out of expectation and baseline. */
import type { FallEnd, HeldFall } from "./contract.ts";
import { foldAccepted, newestTime } from "./intake.ts";
import type { Network } from "./network.ts";
import { ratiosOf, spanRatios } from "./scores.ts";
import type { Fall, Memory } from "./state.ts";
import { tally, windowStarts } from "./tally.ts";
import { regionTemplates } from "./templates.ts";

/** Part of the worst held drop that an end is measured against. A first fit is often too large by chance: measured against
 * 0.75 of it, 15 of 94 simulated falls ended too early, against 0.6 of it 4 of 94, with the end seen after 24 h (median). */
const STILL_DOWN = 0.6;

/** The open fall of a region. */
export function openFall(memory: Memory, region: string): Fall | undefined {
  return memory.falls.find(
    (fall) => fall.region === region && fall.until === Number.POSITIVE_INFINITY && !fall.accepted,
  );
}

export function hold(memory: Memory, { region, drop, since }: HeldFall): void {
  const fall = openFall(memory, region);
  if (fall) Object.assign(fall, { drop, since, worst: Math.max(fall.worst, drop) });
  else memory.falls.push({ region, drop, worst: drop, since, until: Number.POSITIVE_INFINITY, accepted: false });
}

export function end(network: Network, memory: Memory, region: string, how: FallEnd): void {
  const fall = openFall(memory, region);
  if (!fall) return;
  if (how.kind === "recovered") fall.until = Math.max(fall.since, how.endedAt);
  else if (how.kind === "new-regime") fall.accepted = true;
  else memory.falls = memory.falls.filter((entry) => entry !== fall);
  foldAccepted(network, memory);
}

/**
 * Log-likelihood ratio of "all is as before" against "the fall goes on", the largest over
 * windows that began after the fall, and that window's beginning.
 */
export function recovery(network: Network, memory: Memory, fall: Fall): { score: number; since: number } {
  const starts = windowStarts(network, memory).filter((start) => start >= fall.since);
  let best = { score: 0, since: newestTime(memory) };
  stillDown(network, memory, fall, starts).forEach((ratio, i) => {
    if (-ratio > best.score) best = { score: -ratio, since: starts[i]! };
  });
  return best;
}

/** Whether blocks between a fall's onset and its end speak against it, too. */
export function neverWas(network: Network, memory: Memory, fall: Fall, endedAt: number): boolean {
  const from = Math.max(fall.since, memory.edgeTime);
  if (from > fall.since) return false;
  const [whole, after] = stillDown(network, memory, fall, [from, endedAt]);
  return whole! - after! < 0;
}

/** Log-likelihood ratio of a fall that goes on against none, since every start. */
function stillDown(network: Network, memory: Memory, fall: Fall, starts: readonly number[]): number[] {
  const others = memory.falls.filter((entry) => entry !== fall);
  const templates = regionTemplates({ ...network, regions: [fall.region] }, [STILL_DOWN * fall.worst]);
  const ratios = ratiosOf(tally(network, memory, others, starts), network.settings.outlierPart);
  return Array.from(spanRatios(ratios, templates));
}
