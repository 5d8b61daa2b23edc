/** A seeded chain of blocks: pools with shares, Poisson luck, retargets, and what can be done to it. All hand-made. */

import type { BlockEvidence, BlockOpinion, BlockState } from "../../../src/detect/blocks/contract.ts";
import type { DetectorModel } from "../../../src/detect/contract.ts";
import type { BlockSample } from "../../../src/model/sample.ts";
import { seededRandom } from "../../support/random.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Between the ticks that `follow` runs: coarse, to be quick. */
const STEP = 3 * HOUR;
/** Any Monday will do. */
export const START = Date.UTC(2030, 0, 7);

export interface PoolSpec {
  readonly share: number;
  readonly regions: Readonly<Record<string, number>>;
  readonly operator?: string;
}

/** Two coasts and a far land: pools that lean one way or the other. */
export const POOLS: Readonly<Record<string, PoolSpec>> = {
  alpha: { share: 0.22, regions: { EA: 0.7, WE: 0.1, FA: 0.1 } },
  beta: { share: 0.18, regions: { EA: 0.6, WE: 0.2, FA: 0.1 } },
  gamma: { share: 0.15, regions: { EA: 0.5, WE: 0.2, FA: 0.2 } },
  delta: { share: 0.2, regions: { EA: 0.05, WE: 0.9 } },
  epsilon: { share: 0.13, regions: { EA: 0.1, WE: 0.7, FA: 0.1 } },
  zeta: { share: 0.07, regions: { EA: 0.3, WE: 0.3, FA: 0.1 } },
};
/** What is left is found by pools that no configuration names. */
export const STRANGERS = "somebody";

export function modelOf(
  pools: Readonly<Record<string, PoolSpec>> = POOLS,
  overrides: Partial<DetectorModel> = {},
): DetectorModel {
  return {
    network: "testnet",
    intervalSeconds: 600,
    blockIntervalSeconds: 600,
    configHash: "0",
    detection: {
      falseAlarmsPerMonth: 0.1,
      newRegimeAfterSeconds: 14 * 86_400,
      severity: { criticalShare: 0.1, warningShare: 0.03, minProbability: 0.8 },
    },
    pools: Object.entries(pools).map(([id, { regions, operator }]) => ({
      id,
      ...(operator === undefined ? {} : { operator }),
      regions: Object.entries(regions).map(([region, weight]) => ({ region, weight, sd: 0.25 * weight })),
    })),
    ...overrides,
  };
}

export interface ChainOptions {
  readonly seed: number;
  readonly days: number;
  readonly pools?: Readonly<Record<string, PoolSpec>>;
  /** Factor on a pool's rate at an age of the chain in hours. */
  readonly factor?: (pool: string, hours: number) => number;
  /** Under which name a pool's blocks are listed. */
  readonly label?: (pool: string, hours: number) => string;
}

/** Blocks of a chain that retargets every 2016 blocks, as Bitcoin does. */
export function chain({
  seed,
  days,
  pools = POOLS,
  factor = () => 1,
  label = (pool) => pool,
}: ChainOptions): BlockSample[] {
  const random = seededRandom(seed);
  const names = [...Object.keys(pools), STRANGERS];
  const known = Object.values(pools).reduce((sum, { share }) => sum + share, 0);
  const shares = [...Object.values(pools).map(({ share }) => share), 1 - known];
  const blocks: BlockSample[] = [];
  let difficulty = 1e12;
  let epochStart = START;
  let at = START;
  let height = 2016 * 300;
  for (;;) {
    const hours = (at - START) / HOUR;
    const rates = names.map((name, i) => shares[i]! * factor(name, hours));
    const total = rates.reduce((sum, rate) => sum + rate, 0);
    at += (-Math.log(1 - random()) * 600_000 * (difficulty / 1e12)) / total;
    if (at > START + days * DAY) return blocks;
    const finder = drawn(names, rates, random() * total);
    blocks.push({ kind: "block", at: Math.round(at), pool: label(finder, (at - START) / HOUR), height, difficulty });
    height++;
    if (height % 2016 !== 0) continue;
    difficulty *= Math.min(4, Math.max(0.25, (2016 * 600_000) / (at - epochStart)));
    epochStart = at;
  }
}

function drawn(names: readonly string[], rates: readonly number[], point: number): string {
  let sum = 0;
  for (const [i, rate] of rates.entries()) {
    sum += rate;
    if (point < sum) return names[i]!;
  }
  return names.at(-1)!;
}

export interface Said {
  /** Hours from the chain's start. */
  readonly hours: number;
  readonly opinion: BlockOpinion;
}

/**
 * Runs blocks in steps from `fromDays` on (everything before at once) and follows opinions as an alert's life would:
 * holds what opens, lets go what resolves.
 */
export function follow(
  evidence: BlockEvidence,
  blocks: readonly BlockSample[],
  fromDays: number,
): { state: BlockState; said: Said[] } {
  const state = evidence.initial();
  const said: Said[] = [];
  const first = START + fromDays * DAY;
  let next = blocks.findIndex(({ at }) => at > first);
  evidence.observe(state, first, blocks.slice(0, next));
  for (let at = first + STEP; next < blocks.length; at += STEP) {
    const from = next;
    while (next < blocks.length && blocks[next]!.at <= at) next++;
    evidence.observe(state, at, blocks.slice(from, next));
    if (!evidence.due(state, at)) continue;
    for (const opinion of evidence.decide(state, evidence.evaluate(state, at))) {
      if (opinion.kind !== "keep") said.push({ hours: (at - START) / HOUR, opinion });
      if (opinion.kind === "open") {
        evidence.hold(state, {
          region: opinion.region,
          drop: opinion.fit.drop.estimate,
          since: opinion.fit.onset.estimate,
        });
      } else if (opinion.kind === "resolve") {
        evidence.end(state, opinion.region, { kind: "recovered", endedAt: opinion.endedAt });
      }
    }
  }
  return { state, said };
}

/** `name@day` of everything said, for messages and expectations. */
export function brief(said: readonly Said[]): string[] {
  return said.map(({ hours, opinion }) => `${opinion.kind} ${opinion.region} day ${(hours / 24).toFixed(1)}`);
}
