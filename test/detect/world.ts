/** A small seeded world for the detector's tests: pools over regions, noise that wanders, windows, and what a test makes happen. */
import type { DetectorModel } from "../../src/detect/contract.ts";
import type { RateSample } from "../../src/model/sample.ts";
import { seededRandom } from "../support/random.ts";

export const START = Date.UTC(2022, 0, 1);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const INTERVAL = 5 * MINUTE;

export interface WorldPool {
  readonly id: string;
  readonly size: number;
  readonly windowMinutes: number;
  readonly weights: Readonly<Record<string, number>>;
  readonly operator?: string;
}

const pool = (id: string, size: number, windowMinutes: number, weights: Record<string, number>): WorldPool => ({
  id,
  size,
  windowMinutes,
  weights,
});

/** Ten pools, five regions; weights differ enough for every region to be told apart. */
export const POOLS: readonly WorldPool[] = [
  pool("alpha", 30e18, 10, { US: 0.8, CA: 0.15, KZ: 0.02 }),
  pool("bravo", 26e18, 60, { US: 0.2, KZ: 0.45, RU: 0.1, DE: 0.1 }),
  pool("charlie", 24e18, 60, { US: 0.3, KZ: 0.2, RU: 0.3, CA: 0.05 }),
  pool("delta", 20e18, 15, { US: 0.3, KZ: 0.3, RU: 0.05, DE: 0.2 }),
  pool("echo", 18e18, 180, { US: 0.35, KZ: 0.1, RU: 0.25, CA: 0.2 }),
  pool("foxtrot", 12e18, 10, { US: 0.1, KZ: 0.5, RU: 0.2, DE: 0.05 }),
  pool("golf", 9e18, 60, { DE: 0.5, US: 0.2, KZ: 0.05 }),
  pool("hotel", 6e18, 15, { CA: 0.6, US: 0.3 }),
  pool("india", 4e18, 10, { RU: 0.7, KZ: 0.15 }),
  pool("juliet", 2e18, 60, { KZ: 0.7, RU: 0.1 }),
];

export function modelOf(pools: readonly WorldPool[] = POOLS, extra: Partial<DetectorModel> = {}): DetectorModel {
  return {
    network: "bitcoin",
    intervalSeconds: 300,
    configHash: "test",
    pools: pools.map(({ id, windowMinutes, weights, operator }) => ({
      id,
      windowSeconds: windowMinutes * 60,
      ...(operator === undefined ? {} : { operator }),
      regions: Object.entries(weights).map(([region, weight]) => ({ region, weight, sd: 0.25 * weight })),
    })),
    detection: {
      falseAlarmsPerMonth: 0.1,
      newRegimeAfterSeconds: 14 * 86_400,
      severity: { criticalShare: 0.05, warningShare: 0.015, minProbability: 0.8 },
    },
    ...extra,
  };
}

export interface Fall {
  readonly region: string;
  readonly drop: number;
  /** Hours after START. */
  readonly from: number;
  readonly until: number;
  readonly rampMinutes?: number;
}

export interface WorldOptions {
  readonly seed: number;
  readonly days: number;
  readonly pools?: readonly WorldPool[];
  readonly falls?: readonly Fall[];
  /** Factor on one pool's true rate at an hour after START. */
  readonly trouble?: (pool: string, hour: number) => number;
  /** Factor on what a region has left, as what it does day after day. */
  readonly regional?: (region: string, hour: number) => number;
  /** Factor on every pool. */
  readonly wide?: (hour: number) => number;
  /** Relative error of the true weights against the shown ones. */
  readonly weightError?: number;
  /** Noise of the shares of one step, relative: it lies inside the averaging window. */
  readonly shareNoise?: number;
  /** Relative noise of a figure after its averaging. */
  readonly figureNoise?: number;
}

export interface WorldTick {
  readonly at: number;
  readonly rows: RateSample[];
}

function survives(falls: readonly Fall[], region: string, hour: number): number {
  return falls.reduce((left, fall) => {
    if (fall.region !== region || hour < fall.from || hour >= fall.until + 3) return left;
    const down = Math.min(1, (60 * (hour - fall.from)) / Math.max(fall.rampMinutes ?? 0, 1e-9));
    const back = hour < fall.until ? 0 : (hour - fall.until) / 3;
    return left * (1 - fall.drop * down * (1 - back));
  }, 1);
}

/** Ticks of the world, one after the other. */
export function* world(options: WorldOptions): Generator<WorldTick> {
  const { seed, days, pools = POOLS, falls = [], trouble, regional, wide, weightError = 0.1 } = options;
  const { shareNoise = 0, figureNoise = 0.005 } = options;
  const uniform = seededRandom(seed);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const truth = pools.map(({ weights }) => {
    const parts = Object.entries(weights).map(([region, w]) => [region, w * Math.exp(weightError * normal())] as const);
    const sum = Math.max(
      1,
      parts.reduce((total, [, w]) => total + w, 0),
    );
    return parts.map(([region, w]) => [region, w / sum] as const);
  });
  const wander = pools.map(() => 0);
  const walk = pools.map(() => 0);
  const history = pools.map((): number[] => []);
  for (let k = 1; k <= days * 288; k++) {
    const hour = k / 12;
    const rows = pools.map(({ id, size, windowMinutes }, i): RateSample => {
      wander[i] = 0.96 * wander[i]! + 0.0028 * normal();
      walk[i] = walk[i]! + 0.0009 * normal();
      const lost = truth[i]!.reduce(
        (sum, [region, w]) => sum + w * (1 - survives(falls, region, hour) * (regional?.(region, hour) ?? 1)),
        0,
      );
      const rate =
        size * Math.exp(wander[i]! + walk[i]!) * (1 - lost) * (trouble?.(id, hour) ?? 1) * (wide?.(hour) ?? 1);
      const past = history[i]!;
      past.push(shareNoise > 0 ? rate * Math.exp(shareNoise * normal()) : rate);
      if (past.length > Math.max(1, windowMinutes / 5)) past.shift();
      const mean = past.reduce((a, b) => a + b) / past.length;
      return {
        kind: "rate",
        at: START + k * INTERVAL,
        pool: id,
        hashrate: Number((mean * Math.exp(figureNoise * normal())).toPrecision(6)),
      };
    });
    yield { at: START + k * INTERVAL, rows };
  }
}
