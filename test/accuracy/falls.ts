/** Draws the falls of a world: which regions, how deep, how fast, for how long. */
import type { Corner, RegionalEvent, Story } from "../../src/simulate/scenarios/contract.ts";
import type { Random } from "../../src/simulate/world/random.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** From the beginning of the return to the last miner. */
const RETURN_MS = 3 * HOUR_MS;
/** Falls of one world begin so far apart, so that each has ended when the next begins. */
const APART_MS = 4 * DAY_MS;

type Range = readonly [low: number, high: number];

export interface FallShape {
  readonly count: number;
  /** Of the network, before the fall. */
  readonly share: Range;
  readonly drop: Range;
  readonly rampHours: Range;
  /** At its deepest; absent: for good. */
  readonly lastsHours?: Range;
}

function minute(ms: number): number {
  return Math.round(ms / MINUTE_MS) * MINUTE_MS;
}

/** Regions of the size wanted; the largest one where there is none. Never OTHER, which is no place. */
function eligible(shares: Readonly<Record<string, number>>, [low, high]: Range): string[] {
  const places = Object.entries(shares).filter(([region]) => region !== "OTHER");
  const fitting = places.filter(([, share]) => share >= low && share <= high);
  if (fitting.length > 0) return fitting.map(([region]) => region);
  return [places.reduce((best, each) => (each[1] > best[1] ? each : best))[0]];
}

/** A story without falls where there is no shape. A region falls once in a world, unless no other is of the size. */
export function drawFalls(
  shape: FallShape | undefined,
  shares: Readonly<Record<string, number>>,
  from: number,
  random: Random,
): Story {
  const events: RegionalEvent[] = [];
  const curves: Record<string, Corner[]> = {};
  for (let k = 0; k < (shape?.count ?? 0); k++) {
    const { share, drop: drops, rampHours, lastsHours } = shape!;
    const all = eligible(shares, share);
    const fresh = all.filter((region) => curves[region] === undefined);
    const region = random.pick(fresh.length > 0 ? fresh : all);
    const drop = random.between(...drops);
    const start = minute(from + k * APART_MS + random.between(0, DAY_MS));
    const deep = Math.max(start + MINUTE_MS, minute(start + random.between(...rampHours) * HOUR_MS));
    const returns = lastsHours === undefined ? null : minute(deep + random.between(...lastsHours) * HOUR_MS);
    const end = returns === null ? null : returns + RETURN_MS;
    curves[region] = [
      ...(curves[region] ?? []),
      { at: start, alive: 1 },
      { at: deep, alive: 1 - drop },
      ...(returns === null || end === null
        ? []
        : [
            { at: returns, alive: 1 - drop },
            { at: end, alive: 1 },
          ]),
    ];
    events.push({ region, start, end, drop, rampMinutes: (deep - start) / MINUTE_MS });
  }
  return { shares: {}, curves, events };
}
