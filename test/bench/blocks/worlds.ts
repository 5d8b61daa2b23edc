/** Years of blocks in which no region falls, with everything else that happens to pools. Seeded, hand-made. */
import type { BlockSample } from "../../../src/model/sample.ts";
import { chain, DAY, HOUR, POOLS, type PoolSpec, START, STRANGERS } from "../../detect/blocks/chain-world.ts";
import { seededRandom } from "../../support/random.ts";

/** Shares and leanings in the shape of two real years: one land that dominates, and two blocs beside small ones. */
export const FLEETS: Readonly<Record<string, Readonly<Record<string, PoolSpec>>>> = {
  "two coasts": POOLS,
  "one land": {
    a1: { share: 0.17, regions: { MA: 0.55, US: 0.1, KA: 0.08, RU: 0.06 } },
    a2: { share: 0.14, regions: { MA: 0.55, US: 0.1, KA: 0.08, RU: 0.06 } },
    a3: { share: 0.14, regions: { MA: 0.55, US: 0.1, KA: 0.08, RU: 0.06 } },
    a4: { share: 0.1, regions: { MA: 0.5, US: 0.19, KA: 0.07, RU: 0.06 } },
    a5: { share: 0.1, regions: { MA: 0.5, US: 0.09, KA: 0.12, RU: 0.06 } },
    a6: { share: 0.08, regions: { MA: 0.55, US: 0.1, KA: 0.08, RU: 0.06 } },
    a7: { share: 0.05, regions: { MA: 0.7, US: 0.07, KA: 0.05, RU: 0.04 } },
    b1: { share: 0.06, regions: { MA: 0.01, US: 0.31, KA: 0.03, RU: 0.12 } },
    b2: { share: 0.05, regions: { US: 0.94, KA: 0.01 } },
    rest: { share: 0.08, regions: { MA: 0.09, US: 0.42, KA: 0.07, RU: 0.08 } },
  },
};

/** Largest standard deviation of a pool's share in a week, relative: what real pools showed. */
const WANDER_A_WEEK = 0.03;

interface Trouble {
  readonly from: number;
  readonly to: number;
  readonly pools: readonly string[];
  /** Part of the rate that is gone. */
  readonly part: number;
  /** Where the blocks go instead: another pool's name, or nobody's. */
  readonly under?: string;
}

/** A year with wandering shares and growth, outages, exits, moves, relabellings, dips of the whole network, and dead feeds. */
export function quietYear(seed: number, pools: Readonly<Record<string, PoolSpec>>, days = 383): BlockSample[] {
  const random = seededRandom(seed);
  const between = (low: number, high: number): number => low + (high - low) * random();
  const hours = days * 24;
  const names = Object.keys(pools);
  const any = (): string => names[Math.floor(random() * names.length)]!;
  const some = (perYear: number): unknown[] => Array.from({ length: Math.floor(perYear * (0.5 + random())) });
  const troubles: Trouble[] = [];
  const trouble = (lasts: number, part: number, who: readonly string[], under?: string): void => {
    const from = random() * hours;
    troubles.push({ from, to: from + lasts, pools: who, part, ...(under === undefined ? {} : { under }) });
  };
  for (const _ of some(6)) trouble(between(1, 18), between(0.5, 1), [any()]);
  for (const _ of some(1)) trouble(hours, between(0.6, 1), [any()]);
  for (const _ of some(1)) trouble(24 * between(10, 90), 1, [any()], STRANGERS);
  for (const _ of some(2)) trouble(hours, between(0.15, 0.5), [any()], any());
  for (const _ of some(3)) trouble(24 * between(1, 6), between(0.03, 0.12), [...names, STRANGERS]);
  const gaps = some(3).map(() => ({ from: START + random() * days * DAY, lasts: between(2, 60) * HOUR }));
  const walks = new Map([...names, STRANGERS].map((name) => [name, walk(random, hours)]));
  const rows = chain({
    seed: seed + 1,
    days,
    pools,
    factor: (pool, hour) => {
      let rate = walks.get(pool)![Math.floor(hour)]!;
      for (const { from, to, pools: who, part, under } of troubles) {
        if (under === undefined && hour >= from && hour < to && who.includes(pool)) rate *= 1 - part;
      }
      return rate;
    },
    label: (pool, hour) => {
      const moved = troubles.find(
        ({ from, to, pools: who, part, under }) =>
          under !== undefined && hour >= from && hour < to && who.includes(pool) && (hour * 7919) % 1 < part,
      );
      return moved?.under ?? pool;
    },
  });
  return rows.filter(({ at }) => !gaps.some(({ from, lasts }) => at > from && at < from + lasts));
}

function walk(random: () => number, hours: number): Float64Array {
  const step = (random() * WANDER_A_WEEK) / Math.sqrt(7 * 24);
  const growth = (random() * 0.06 - 0.02) / (30 * 24);
  const values = new Float64Array(hours + 1);
  let level = 0;
  for (let hour = 0; hour <= hours; hour++) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    level += step * normal + growth;
    values[hour] = Math.exp(level);
  }
  return values;
}
