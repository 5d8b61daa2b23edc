/** The true hash rate of every pool in every region, minute by minute: fleet x story x noise. */
import type { Story } from "../scenarios/contract.ts";
import type { Confounder } from "./confounders.ts";
import { aliveAt } from "./curve.ts";
import type { Fleet } from "./fleet.ts";
import type { Random } from "./random.ts";

export const STEP_MS = 60_000;
const DAY_MINUTES = 1_440;

/** Fast part of a cell (one pool's miners in one region): log scale, reverts to zero in about two hours. */
const CELL_SD = 0.02;
const CELL_MINUTES = 120;
/** Small pools are lumpier: their sd grows below this share of the network, at most threefold. */
const LUMPY_BELOW_SHARE = 0.05;
/** Parts that a region, and the whole network, have in common; hours long. */
const REGION_SD = 0.004;
const REGION_MINUTES = 480;
const NETWORK_SD = 0.004;
const NETWORK_MINUTES = 720;
/** Slow wandering of a pool as miners come and go, per square root of a day. */
const WANDER_PER_DAY = 0.012;
/** A region's afternoon curtailment at its deepest, of the region. */
const MAX_CURTAILMENT = 0.03;

/** A mean-reverting log deviation, started in its steady state. */
class Reverting {
  value: number;
  readonly #keep: number;
  readonly #kick: number;

  constructor(sd: number, minutes: number, random: Random) {
    this.#keep = Math.exp(-1 / minutes);
    this.#kick = sd * Math.sqrt(1 - this.#keep * this.#keep);
    this.value = sd * random.normal();
  }

  step(random: Random): void {
    this.value = this.#keep * this.value + this.#kick * random.normal();
  }
}

interface Curtailment {
  readonly depth: number;
  /** Minute of the UTC day at which it is deepest. */
  readonly peakMinute: number;
}

export class Flow {
  readonly #fleet: Fleet;
  readonly #story: Story;
  readonly #confounders: readonly Confounder[];
  readonly #random: Random;
  readonly #cells: Reverting[][];
  readonly #regional: Reverting[];
  readonly #network: Reverting;
  readonly #wander: Float64Array;
  readonly #curtailments: Curtailment[];
  /** H/s now, row per pool, column per region. */
  readonly now: readonly Float64Array[];

  constructor(fleet: Fleet, story: Story, confounders: readonly Confounder[], random: Random) {
    this.#fleet = fleet;
    this.#story = story;
    this.#confounders = confounders;
    this.#random = random;
    const network = fleet.hashrate.flatMap((row) => [...row]).reduce((sum, value) => sum + value, 0);
    this.#cells = fleet.hashrate.map((row) => {
      const share = row.reduce((sum, value) => sum + value, 0) / network;
      const sd = CELL_SD * Math.min(3, Math.max(1, (LUMPY_BELOW_SHARE / share) ** 0.25));
      return Array.from(row, () => new Reverting(sd, CELL_MINUTES, random));
    });
    this.#regional = fleet.regions.map(() => new Reverting(REGION_SD, REGION_MINUTES, random));
    this.#network = new Reverting(NETWORK_SD, NETWORK_MINUTES, random);
    this.#wander = new Float64Array(fleet.pools.length);
    this.#curtailments = fleet.regions.map(() => ({
      depth: random.between(0, MAX_CURTAILMENT),
      peakMinute: random.between(0, DAY_MINUTES),
    }));
    this.now = fleet.hashrate.map((row) => Float64Array.from(row));
  }

  /** Sets `now` to the minute that ends at `at`; minutes must be taken in order. */
  step(at: number): void {
    const random = this.#random;
    this.#network.step(random);
    const common = Math.exp(this.#network.value) * this.#dip(at);
    const regional = this.#fleet.regions.map((region, r) => {
      const noise = this.#regional[r]!;
      noise.step(random);
      const corners = this.#story.curves[region];
      const alive = corners === undefined ? 1 : aliveAt(corners, at);
      return alive * Math.exp(noise.value) * this.#uncurtailed(this.#curtailments[r]!, at);
    });
    for (const [p, row] of this.#fleet.hashrate.entries()) {
      this.#wander[p]! += WANDER_PER_DAY * Math.sqrt(1 / DAY_MINUTES) * random.normal();
      const pool = common * Math.exp(this.#wander[p]!) * this.#poolFactor(p, at);
      const out = this.now[p]!;
      for (let r = 0; r < row.length; r++) {
        const cell = this.#cells[p]![r]!;
        cell.step(random);
        out[r] = row[r]! * pool * regional[r]! * Math.exp(cell.value);
      }
    }
  }

  #uncurtailed(curtailment: Curtailment, at: number): number {
    const minute = (at / STEP_MS) % DAY_MINUTES;
    const bump = Math.max(0, Math.cos((2 * Math.PI * (minute - curtailment.peakMinute)) / DAY_MINUTES));
    return 1 - curtailment.depth * bump * bump;
  }

  #dip(at: number): number {
    let factor = 1;
    for (const each of this.#confounders) {
      if (each.kind !== "network-dip" || at < each.start || at >= each.end) continue;
      factor *= 1 - each.size * Math.sin((Math.PI * (at - each.start)) / (each.end - each.start));
    }
    return factor;
  }

  #poolFactor(p: number, at: number): number {
    const id = this.#fleet.pools[p];
    let factor = 1;
    for (const each of this.#confounders) {
      if (at < each.start || at >= each.end) continue;
      if (each.kind === "pool-outage" && each.pool === id) factor *= 1 - each.size;
      if (each.kind !== "migration") continue;
      if (each.pool === id) factor *= 1 - each.size;
      if (each.toPool === id) factor *= 1 + (each.size * this.#total(each.pool)) / this.#total(id);
    }
    return factor;
  }

  #total(pool: string | null | undefined): number {
    const row = this.#fleet.hashrate[this.#fleet.pools.indexOf(pool ?? "")];
    return row?.reduce((sum, value) => sum + value, 0) ?? 0;
  }
}
