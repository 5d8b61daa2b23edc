/** Falls that are known of: open alerts, whose effect is taken out of expectation and baseline. */
import { floatAt } from "../model/elements.ts";
import type { FallEnd, HeldFall } from "./contract.ts";
import { foldAccepted, newestTime } from "./intake.ts";
import type { Fall, Memory } from "./memory.ts";
import type { Network } from "./network.ts";
import { ratiosOf, regionTemplates, spanRatios } from "./scores.ts";
import { type Tally, tally, windowStarts } from "./tally.ts";

/** Part of a drop that must still be missing for a fall to go on: a region that is back to three quarters is not over. */
const STILL_DOWN = 0.75;
/** Drops that a fall may have, alike in weight: no alert opens for less than a fifth. */
const FALL_DROPS: readonly number[] = Array.from({ length: 17 }, (_, i) => 0.2 + i / 20);

/** The open fall of a region. */
export function openFall(memory: Memory, region: string): Fall | undefined {
  return memory.falls.find(
    (fall) => fall.region === region && fall.until === Number.POSITIVE_INFINITY && !fall.accepted,
  );
}

export function hold(memory: Memory, { region, drop, since }: HeldFall): void {
  const fall = openFall(memory, region);
  if (fall) Object.assign(fall, { drop, since });
  else memory.falls.push({ region, drop, since, until: Number.POSITIVE_INFINITY, accepted: false });
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
 * Log Bayes factor of "all is as before since then" against "the fall goes on", the largest over windows that began after
 * the fall, that window's beginning, and whether the blocks between onset and that beginning speak for a fall at all. The
 * fall that goes on has the drop that those blocks tell: a drop fitted at opening is often too large by chance, and
 * measured against it many a fall that goes on would look gone.
 */
export function recovery(
  network: Network,
  memory: Memory,
  fall: Fall,
): { score: number; since: number; wasDown: boolean } {
  const starts = windowStarts(network, memory).filter((start) => start >= fall.since);
  const since = Math.max(fall.since, memory.edgeTime);
  const only: Network = { ...network, regions: [fall.region] };
  const others = memory.falls.filter((entry) => entry !== fall);
  const counts = tally(network, memory, others, [...starts, since]);
  const after = spanRatios(
    ratiosOf(counts, network.settings.outlierPart, false),
    regionTemplates(
      only,
      FALL_DROPS.map((drop) => STILL_DOWN * drop),
    ),
  );
  const meanwhile = spanRatios(
    ratiosOf(untilStarts(counts), network.settings.outlierPart, false),
    regionTemplates(only, FALL_DROPS),
  );
  let best = { score: 0, since: newestTime(memory), wasDown: true };
  starts.forEach((start, i) => {
    let down = 0;
    let downStill = 0;
    for (let d = i * FALL_DROPS.length; d < (i + 1) * FALL_DROPS.length; d++) {
      down += Math.exp(floatAt(meanwhile, d));
      downStill += Math.exp(floatAt(meanwhile, d) + floatAt(after, d));
    }
    const score = Math.log(down / downStill);
    if (score > best.score) best = { score, since: start, wasDown: down >= FALL_DROPS.length };
  });
  return best;
}

/** Counts between the last span's start and every other span's. */
function untilStarts(counts: Tally): Tally {
  const last = (counts.spans - 1) * counts.slots;
  const rest = (sums: Float64Array): Float64Array =>
    sums.map((sum, cell) => Math.max(0, floatAt(sums, last + (cell % counts.slots)) - sum));
  return { ...counts, observed: rest(counts.observed), expected: rest(counts.expected) };
}
