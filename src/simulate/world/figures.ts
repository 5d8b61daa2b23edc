/** What the pools publish: averaged, measured with an error, now and then missing, stale or in the wrong unit. */
import type { PoolFigure } from "../scenarios/contract.ts";
import type { Confounder } from "./confounders.ts";
import { STEP_MS } from "./flow.ts";
import type { Random } from "./random.ts";

/** Relative error of a published figure; its tails are those of Student's t with four degrees of freedom. */
const MEASUREMENT_SD = 0.005;
/** A pool's API does not answer during this fraction of five-minute spans. */
const MISSING = 0.004;
const MISSING_SPAN_MS = 300_000;
/** During a unit slip, the fraction of figures that slip. */
const SLIPPING = 0.5;

/** ckpool's averaging times in seconds, by the name in its file. */
export const CKPOOL_WINDOWS = {
  hashrate1m: 60,
  hashrate5m: 300,
  hashrate15m: 900,
  hashrate1hr: 3_600,
  hashrate6hr: 21_600,
  hashrate1d: 86_400,
  hashrate7d: 604_800,
} as const;
export type CkpoolWindow = keyof typeof CKPOOL_WINDOWS;
const CKPOOL_NAMES = Object.keys(CKPOOL_WINDOWS) as CkpoolWindow[];

/** One ckpool instance: decaying averages in H/s, by the name in its file. */
export type ServerFigures = Readonly<Record<CkpoolWindow, number>>;

export interface Reading {
  /** When the figure was made, data ms. */
  readonly at: number;
  /** H/s of all the pool's miners. */
  readonly hashrate: number;
  /** Per region, for a pool that runs one ckpool instance per region. */
  readonly servers?: ReadonlyMap<string, ServerFigures>;
}

/** The public figure of one pool. */
export class Figure {
  readonly #spec: PoolFigure;
  readonly #regions: readonly string[];
  readonly #confounders: readonly Confounder[];
  readonly #random: Random;
  readonly #recent: Float64Array;
  readonly #decaying: Record<CkpoolWindow, number>[];
  #steps = 0;
  #missingUntil = 0;
  #missing = false;
  #reading: Reading | null = null;

  constructor(options: {
    pool: string;
    spec: PoolFigure;
    regions: readonly string[];
    confounders: readonly Confounder[];
    random: Random;
  }) {
    this.#spec = options.spec;
    this.#regions = options.regions;
    this.#confounders = options.confounders.filter((each) => each.pool === options.pool);
    this.#random = options.random;
    this.#recent = new Float64Array(Math.max(1, Math.round((options.spec.seconds * 1000) / STEP_MS)));
    this.#decaying = [];
  }

  /** What the API answers now; null when it does not answer. */
  get reading(): Reading | null {
    return this.#missing ? null : this.#reading;
  }

  /** Takes the minute that ends at `at`: the pool's true hash rate by region, H/s. */
  step(at: number, byRegion: Float64Array): void {
    const total = byRegion.reduce((sum, value) => sum + value, 0);
    this.#recent[this.#steps % this.#recent.length] = total;
    this.#steps++;
    if (this.#spec.kind === "servers") this.#decay(byRegion);
    if (at >= this.#missingUntil) {
      this.#missingUntil = (Math.floor(at / MISSING_SPAN_MS) + 1) * MISSING_SPAN_MS;
      this.#missing = this.#random.chance(MISSING);
    }
    const slip = this.#during(at, "unit-slip");
    const error = Math.exp(MEASUREMENT_SD * this.#random.heavy());
    const unit = this.#random.chance(SLIPPING) ? (slip?.size ?? 1) : 1;
    if (this.#during(at, "gap")) this.#missing = true;
    if (this.#during(at, "stale-figure") && this.#reading !== null) return;
    if (at % (this.#spec.refreshSeconds * 1000) !== 0 && this.#reading !== null) return;
    this.#reading = {
      at,
      hashrate: this.#mean() * error * unit,
      ...(this.#spec.kind === "servers" ? { servers: this.#servers(unit) } : {}),
    };
  }

  #during(at: number, kind: Confounder["kind"]): Confounder | undefined {
    return this.#confounders.find((each) => each.kind === kind && at >= each.start && at < each.end);
  }

  #mean(): number {
    const filled = Math.min(this.#steps, this.#recent.length);
    let sum = 0;
    for (let index = 0; index < filled; index++) sum += this.#recent[index]!;
    return sum / filled;
  }

  /** ckpool's decay: f = (f + rate p) / (1 + p), p = 1 - exp(-dt / T); begun at the first rate. */
  #decay(byRegion: Float64Array): void {
    for (const [r, rate] of byRegion.entries()) {
      // Shares arrive at random: on one server a minute's rate is known to a few percent only.
      const seen = rate * Math.exp(0.03 * this.#random.normal());
      const averages = this.#decaying[r];
      if (averages === undefined) {
        this.#decaying[r] = Object.fromEntries(CKPOOL_NAMES.map((name) => [name, rate])) as Record<
          CkpoolWindow,
          number
        >;
        continue;
      }
      for (const name of CKPOOL_NAMES) {
        const p = 1 - Math.exp(-STEP_MS / 1000 / CKPOOL_WINDOWS[name]);
        averages[name] = (averages[name] + seen * p) / (1 + p);
      }
    }
  }

  #servers(unit: number): ReadonlyMap<string, ServerFigures> {
    const servers = new Map<string, ServerFigures>();
    for (const [r, averages] of this.#decaying.entries()) {
      if (averages.hashrate7d <= 0) continue;
      const scaled = Object.fromEntries(CKPOOL_NAMES.map((name) => [name, averages[name] * unit]));
      servers.set(this.#regions[r]!, scaled as Record<CkpoolWindow, number>);
    }
    return servers;
  }
}
