/** Fleets drawn from a seed: pools over regions, weights that the detector is shown with an error, and what figures do when nothing happens. */
import type { DetectorModel } from "../../src/detect/contract.ts";
import type { RateSample } from "../../src/model/sample.ts";
import { seededRandom } from "../support/random.ts";

export const START = Date.UTC(2022, 0, 1);
export const INTERVAL_MS = 300_000;
export const TICKS_A_DAY = 288;

const NAMES = ["US", "KZ", "RU", "CA", "DE", "NO", "IE", "MY", "IR", "SE", "GE", "PY"];
const WINDOW_TICKS = [2, 3, 12, 12, 36];

export interface Draw {
  /** Uniform in [0, 1). */
  readonly uniform: () => number;
  readonly normal: () => number;
  readonly between: (low: number, high: number) => number;
  readonly pick: <T>(from: readonly T[]) => T;
}

export function drawer(seed: number): Draw {
  const uniform = seededRandom(seed);
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    between: (low, high) => low + (high - low) * uniform(),
    pick: (from) => from[Math.floor(uniform() * from.length)]!,
  };
}

export interface FleetPool {
  readonly id: string;
  /** H/s. */
  readonly size: number;
  readonly windowTicks: number;
  /** True weights, in the order of the fleet's regions; they sum to one. */
  readonly truth: readonly number[];
}

export interface Fleet {
  readonly model: DetectorModel;
  readonly regions: readonly string[];
  readonly pools: readonly FleetPool[];
}

function parts(weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
}

/** Eight to sixteen pools of unlike sizes over six to twelve regions of unlike shares; shown weights are off by a quarter. */
export function fleetOf(seed: number, falseAlarmsPerMonth = 0.1): Fleet {
  const { uniform, normal, between, pick } = drawer(seed);
  const count = Math.floor(between(8, 17));
  const regions = NAMES.slice(0, Math.floor(between(6, NAMES.length + 1)));
  const shares = parts(regions.map(() => -Math.log(1 - uniform()) + 0.15));
  const pools = Array.from({ length: count }, (_, p): FleetPool => {
    // The cube of a uniform: a pool stands mostly in a few regions.
    const truth = parts(shares.map((share) => share * (uniform() ** 3 + 0.03)));
    return { id: `pool${p + 10}`, size: 1e18 * Math.exp(between(0, 3.2)), windowTicks: pick(WINDOW_TICKS), truth };
  });
  const shown = pools.map(({ truth }) => parts(truth.map((weight) => weight * Math.exp(0.25 * normal()))));
  return {
    regions,
    pools,
    model: {
      network: "sim",
      intervalSeconds: INTERVAL_MS / 1000,
      configHash: "sim",
      detection: {
        falseAlarmsPerMonth,
        newRegimeAfterSeconds: 14 * 86_400,
        severity: { criticalShare: 0.05, warningShare: 0.015, minProbability: 0.8 },
      },
      pools: pools.map(({ id, windowTicks }, p) => ({
        id,
        windowSeconds: (windowTicks * INTERVAL_MS) / 1000,
        regions: regions.map((region, r) => ({ region, weight: shown[p]![r]!, sd: 0.25 * shown[p]![r]! })),
      })),
    },
  };
}

/** Draw of a figure's noise: with `tails`, one in fifty is six times as wide. */
export interface NoiseOptions {
  readonly tails?: boolean;
}

/** The world tick by tick: shares that wander and drift, averaging windows, noise of the figure itself. */
export class Figures {
  readonly #fleet: Fleet;
  readonly #draw: Draw;
  readonly #tails: boolean;
  readonly #wander: number[];
  readonly #drift: number[];
  readonly #past: number[][];
  #tick = 0;

  constructor(fleet: Fleet, draw: Draw, options: NoiseOptions = {}) {
    this.#fleet = fleet;
    this.#draw = draw;
    this.#tails = options.tails === true;
    this.#wander = fleet.pools.map(() => 0);
    this.#drift = fleet.pools.map(() => 0);
    this.#past = fleet.pools.map(() => []);
  }

  /** A world that goes on from here on its own, with noise of its own. */
  branch(draw: Draw): Figures {
    const copy = new Figures(this.#fleet, draw, { tails: this.#tails });
    copy.#wander.splice(0, Number.POSITIVE_INFINITY, ...this.#wander);
    copy.#drift.splice(0, Number.POSITIVE_INFINITY, ...this.#drift);
    for (const [p, past] of this.#past.entries()) copy.#past[p]!.push(...past);
    copy.#tick = this.#tick;
    return copy;
  }

  /** Rows of the next tick. `left`: what part of a pool's rate is there, 0..1 and over. */
  next(left: (pool: number) => number): { readonly at: number; readonly rows: RateSample[] } {
    this.#tick += 1;
    const at = START + this.#tick * INTERVAL_MS;
    const { normal, uniform } = this.#draw;
    const rows = this.#fleet.pools.map(({ id, size, windowTicks }, p): RateSample => {
      this.#wander[p] = 0.96 * this.#wander[p]! + 0.0028 * normal();
      this.#drift[p] = this.#drift[p]! + 0.0009 * normal();
      const past = this.#past[p]!;
      past.push(size * Math.exp(this.#wander[p]! + this.#drift[p]!) * left(p));
      if (past.length > windowTicks) past.shift();
      const mean = past.reduce((a, b) => a + b) / past.length;
      const wide = this.#tails && uniform() < 0.02 ? 6 : 1;
      return { kind: "rate", at, pool: id, hashrate: mean * Math.exp(0.005 * wide * normal()) };
    });
    return { at, rows };
  }
}
