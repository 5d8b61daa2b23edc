/** Blocks as a Poisson process on the true hash rate; heights and difficulty go on from the real chain. */
import type { Scenario } from "../scenarios/contract.ts";
import { STEP_MS } from "./flow.ts";
import type { Random } from "./random.ts";

export interface Block {
  readonly height: number;
  /** Data ms, whole seconds as header times are. */
  readonly at: number;
  readonly pool: string;
  readonly difficulty: number;
}

const EPOCH_BLOCKS = 2_016;
const EPOCH_MS = EPOCH_BLOCKS * 600_000;
/** Expected hashes per block and unit of difficulty. */
export const HASHES_PER_DIFFICULTY = 2 ** 32;
/** As many as an explorer shows for a week. */
const KEPT = 1_100;

export class Chain {
  readonly #random: Random;
  readonly #recent: Block[] = [];
  #nextHeight: number;
  #difficulty: number;
  #epochStartedAt: number;

  /** Begins with a backlog before `startsAt`, so that a week of blocks can be shown from the first minute on. */
  constructor(scenario: Scenario, random: Random) {
    this.#random = random;
    const { chain } = scenario;
    this.#nextHeight = chain.nextHeight;
    this.#difficulty = chain.difficulty;
    this.#epochStartedAt = chain.epochStartedAt;
    const pools = scenario.pools;
    const shares = pools.reduce((sum, pool) => sum + pool.share, 0);
    let at = scenario.startsAt;
    const epochHeight = chain.nextHeight - (chain.nextHeight % EPOCH_BLOCKS);
    for (let height = chain.nextHeight - 1; height >= chain.nextHeight - KEPT; height--) {
      const difficulty = height >= epochHeight ? chain.difficulty : chain.previousDifficulty;
      at -= random.exponential((difficulty * HASHES_PER_DIFFICULTY * 1000) / scenario.hashrate);
      const pool = pickByShare(pools, random.uniform() * shares);
      this.#recent.unshift({ height, at: wholeSecond(at), pool, difficulty });
    }
  }

  /** The newest blocks, oldest first. */
  get recent(): readonly Block[] {
    return this.#recent;
  }

  get difficulty(): number {
    return this.#difficulty;
  }

  /** Draws the blocks of the minute that ends at `at`, from each pool's hash rate in H/s. */
  step(at: number, hashrates: readonly (readonly [pool: string, hashrate: number])[]): readonly Block[] {
    const found: { pool: string; at: number }[] = [];
    for (const [pool, hashrate] of hashrates) {
      const mean = (hashrate * STEP_MS) / 1000 / (this.#difficulty * HASHES_PER_DIFFICULTY);
      const count = this.#random.poisson(mean);
      for (let index = 0; index < count; index++) {
        found.push({ pool, at: at - STEP_MS + this.#random.uniform() * STEP_MS });
      }
    }
    found.sort((a, b) => a.at - b.at);
    return found.map((each) => this.#append(each.pool, wholeSecond(each.at)));
  }

  #append(pool: string, at: number): Block {
    if (this.#nextHeight % EPOCH_BLOCKS === 0) {
      const spent = Math.max(EPOCH_MS / 4, Math.min(EPOCH_MS * 4, at - this.#epochStartedAt));
      this.#difficulty *= EPOCH_MS / spent;
      this.#epochStartedAt = at;
    }
    const block = { height: this.#nextHeight, at, pool, difficulty: this.#difficulty };
    this.#nextHeight++;
    this.#recent.push(block);
    if (this.#recent.length > KEPT) this.#recent.shift();
    return block;
  }
}

/** The pool at a point of the line on which every pool takes up its share. */
function pickByShare(pools: Scenario["pools"], point: number): string {
  let end = 0;
  for (const pool of pools) {
    end += pool.share;
    if (point < end) return pool.id;
  }
  return pools[0]!.id;
}

/** Header times carry no fractions; rounded up, so that a block of a minute stays in (minute - 1, minute]. */
function wholeSecond(at: number): number {
  return Math.ceil(at / 1000) * 1000;
}
