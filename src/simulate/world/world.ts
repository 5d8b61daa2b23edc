/** The simulated world: advanced minute by minute in data time, the same for the same scenario and seed. */
import type { RegionalEvent, Scenario, Story } from "../scenarios/contract.ts";
import { type Block, Chain } from "./chain.ts";
import { type Confounder, drawConfounders } from "./confounders.ts";
import { Figure, type Reading } from "./figures.ts";
import { drawFleet, type Fleet } from "./fleet.ts";
import { Flow, STEP_MS } from "./flow.ts";
import { Random } from "./random.ts";

/** Averaging windows and decaying averages are filled before the scenario's start. */
const WARM_UP_MS = 6 * 3_600_000;

export class World {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly fleet: Fleet;
  readonly story: Story;
  readonly confounders: readonly Confounder[];
  readonly #flow: Flow;
  readonly #chain: Chain;
  readonly #figures = new Map<string, Figure>();
  #now: number;

  /** At construction the world stands at the scenario's start, to the minute. */
  constructor(scenario: Scenario, seed: number) {
    this.scenario = scenario;
    this.seed = seed;
    const stream = (name: string) => new Random(`${scenario.name}/${seed}/${name}`);
    this.story = scenario.draw(stream("story"));
    this.fleet = drawFleet(scenario, this.story, stream("fleet"));
    this.confounders = drawConfounders(scenario, scenario.startsAt, scenario.endsAt, stream("confounders"));
    this.#flow = new Flow(this.fleet, this.story, this.confounders, stream("flow"));
    this.#chain = new Chain(scenario, stream("chain"));
    for (const pool of scenario.pools) {
      if (pool.figure === undefined) continue;
      this.#figures.set(
        pool.id,
        new Figure({
          pool: pool.id,
          spec: pool.figure,
          regions: this.fleet.regions,
          confounders: this.confounders,
          random: stream(`figure/${pool.id}`),
        }),
      );
    }
    this.#now = scenario.startsAt - WARM_UP_MS;
    while (this.#now < scenario.startsAt) this.#turn();
  }

  /** Data ms; a whole minute. */
  get now(): number {
    return this.#now;
  }

  /** Difficulty of the next block. */
  get difficulty(): number {
    return this.#chain.difficulty;
  }

  /** The newest blocks (about a week), oldest first. */
  get recentBlocks(): readonly Block[] {
    return this.#chain.recent;
  }

  get events(): readonly RegionalEvent[] {
    return this.story.events;
  }

  /** What the pool's API answers now; null when it does not answer, or the pool has none. */
  reading(pool: string): Reading | null {
    return this.#figures.get(pool)?.reading ?? null;
  }

  /** True hash rate of a pool now, H/s. */
  trueHashrate(pool: string): number {
    return this.#flow.now[this.fleet.pools.indexOf(pool)]?.reduce((sum, value) => sum + value, 0) ?? 0;
  }

  /** True hash rate of a pool in a region now, H/s. */
  trueCell(pool: string, region: string): number {
    return this.#flow.now[this.fleet.pools.indexOf(pool)]?.[this.fleet.regions.indexOf(region)] ?? 0;
  }

  /** Advances by one minute; returns the blocks found in it. */
  step(): readonly Block[] {
    this.#turn();
    return this.#chain.step(
      this.#now,
      this.fleet.pools.map((pool) => [pool, this.trueHashrate(pool)] as const),
    );
  }

  /** Advances to the last whole minute at or before `at`. */
  advanceTo(at: number): void {
    while (this.#now + STEP_MS <= at) this.step();
  }

  #turn(): void {
    this.#now += STEP_MS;
    this.#flow.step(this.#now);
    for (const [pool, figure] of this.#figures) {
      figure.step(this.#now, this.#flow.now[this.fleet.pools.indexOf(pool)]!);
    }
  }
}
