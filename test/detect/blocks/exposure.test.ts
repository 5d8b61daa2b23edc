import { describe, expect, it } from "vitest";
import { createBlockEvidence } from "../../../src/detect/blocks/block-evidence.ts";
import { takeIn } from "../../../src/detect/blocks/intake.ts";
import { eachGroup, emptyMemory, type Memory } from "../../../src/detect/blocks/memory.ts";
import { networkOf } from "../../../src/detect/blocks/network.ts";
import { BLOCK_SETTINGS, MAX_STRIKES } from "../../../src/detect/blocks/settings.ts";
import type { BlockSample } from "../../../src/model/sample.ts";
import { chain, DAY, HOUR, modelOf, POOLS, START } from "./chain-world.ts";

const network = networkOf(modelOf(), BLOCK_SETTINGS);
const MINUTE = 60_000;

function block(height: number, minutes: number, more: Partial<BlockSample> = {}): BlockSample {
  return { kind: "block", at: START + minutes * MINUTE, pool: "alpha", height, difficulty: 1000, ...more };
}

function remember(rows: readonly BlockSample[]): Memory {
  const memory = emptyMemory(network.pools.length + 1);
  takeIn(network, memory, START + DAY, rows);
  return memory;
}

/** Covered minutes and exposure x 1e3 of everything kept, with the blocks that it holds. */
function covered(memory: Memory): { minutes: number; exposure: number; blocks: number } {
  const sum = { minutes: 0, exposure: 0, blocks: 0 };
  eachGroup(memory, ({ from, to, exposure, covered: ms }) => {
    sum.minutes += ms / MINUTE;
    sum.exposure += exposure * 1000;
    sum.blocks += to - from;
    return true;
  });
  return sum;
}

describe("a reorganised block", () => {
  const finders = (memory: Memory) => [...memory.finders.subarray(0, memory.length)].map((slot) => network.pools[slot]);
  const seen = (height: number, minutes: number, pool: string): BlockSample =>
    block(height, minutes, { pool, observedAt: START + minutes * MINUTE });

  it.each([
    ["in one batch", 1],
    ["in batches of their own", 3],
  ])("gives its finder back, and takes none from another (%s)", (_, batches) => {
    const rows = [seen(1, 0, "alpha"), seen(2, 10, "alpha"), { ...seen(2, 11, "beta"), at: START + 20 * MINUTE }];
    const memory = emptyMemory(network.pools.length + 1);
    const size = Math.ceil(rows.length / batches);
    for (let i = 0; i < rows.length; i += size) takeIn(network, memory, START + DAY, rows.slice(i, i + size));
    expect(finders(memory)).toEqual(["alpha", "beta"]);
    expect(covered(memory)).toMatchObject({ minutes: 11, blocks: 1 });
  });

  it("is another block: one of the same header time that a second source calls by another name is not", () => {
    const rows = [seen(1, 0, "alpha"), seen(2, 10, "alpha"), { ...seen(2, 10, "beta"), at: START + 20 * MINUTE }];
    expect(finders(remember(rows))).toEqual(["alpha", "alpha"]);
  });
});

describe("exposure from the continuity of heights", () => {
  it.each([
    {
      what: "without gaps every minute counts",
      rows: [block(1, 0), block(2, 10), block(3, 25)],
      minutes: 25,
      blocks: 2,
    },
    {
      what: "one missing height takes half of its interval",
      rows: [block(1, 0), block(3, 20)],
      minutes: 10,
      blocks: 1,
    },
    {
      what: "a feed dead for a day leaves one block's worth",
      rows: [block(1, 0), block(145, 1440)],
      minutes: 10,
      blocks: 1,
    },
    {
      what: "a real silence of a day counts in full once the next height shows it",
      rows: [block(1, 0), block(2, 1440)],
      minutes: 1440,
      blocks: 1,
    },
    {
      what: "a burst after a gap shares the time by heights",
      rows: [block(1, 0), block(5, 80), block(6, 80), block(7, 80), block(8, 80), block(9, 80)],
      minutes: 50,
      blocks: 5,
    },
    {
      what: "upstream times order a burst",
      rows: [
        block(1, 0),
        block(2, 60, { observedAt: START + 10 * MINUTE }),
        block(3, 60, { observedAt: START + 30 * MINUTE }),
      ],
      minutes: 30,
      blocks: 2,
    },
    {
      what: "a header time that runs backwards adds no time",
      rows: [block(1, 0), block(2, 30), block(3, 20), block(4, 40)],
      minutes: 40,
      blocks: 3,
    },
    {
      what: "an upstream time after the row's own is not believed",
      rows: [block(1, 0), block(2, 10, { observedAt: START + 90 * MINUTE })],
      minutes: 10,
      blocks: 1,
    },
  ])("$what", ({ rows, minutes, blocks }) => {
    expect(covered(remember(rows))).toMatchObject({ blocks, minutes: expect.closeTo(minutes, 9) });
  });

  it("is the same whatever order the rows of a tick come in, and whatever comes twice", () => {
    const rows = [block(1, 0), block(2, 10), block(4, 30), block(5, 31)];
    const clean = covered(remember(rows));
    expect(covered(remember([rows[3]!, rows[1]!, rows[0]!, rows[2]!, rows[1]!]))).toEqual(clean);
  });

  it("fills a gap when the missing height comes later", () => {
    const memory = remember([block(1, 0), block(3, 20)]);
    expect(takeIn(network, memory, START + DAY, [block(2, 12)])).toMatchObject({ accepted: 1 });
    expect(covered(memory)).toMatchObject({ minutes: 20, blocks: 2 });
  });

  it("divides time by the difficulty it was mined at, exactly at a retarget", () => {
    const memory = remember([
      block(1, 0),
      block(2, 10),
      block(3, 20, { difficulty: 2000 }),
      block(4, 40, { difficulty: 2000 }),
    ]);
    // 10 min at 1000, then 30 min at 2000.
    expect(covered(memory).exposure).toBeCloseTo(600 + 900, 9);
  });

  it("counts rows that cannot be, and goes on", () => {
    const evidence = createBlockEvidence(modelOf());
    const state = evidence.initial();
    const at = START + HOUR;
    expect(evidence.observe(state, at, [block(100, 0), block(101, 9), block(101, 9, { pool: "beta" })])).toEqual({
      accepted: 2,
      duplicates: 1,
      late: 0,
      refused: 0,
    });
    const impossible = [
      block(1.5, 20),
      block(-1, 20),
      block(102, 20, { difficulty: 0 }),
      block(102, 20, { difficulty: Number.NaN }),
      block(102, 20, { difficulty: 1e6 }),
      block(1_000_000_000, 20),
    ];
    expect(evidence.observe(state, at, impossible)).toEqual({ accepted: 0, duplicates: 0, late: 0, refused: 6 });
    expect(evidence.observe(state, at, [block(102, 20)])).toMatchObject({ accepted: 1 });
  });

  it("starts anew when a chain was begun with a wrong block", () => {
    const evidence = createBlockEvidence(modelOf());
    const state = evidence.initial();
    evidence.observe(state, START, [block(900_000_000, 0, { difficulty: 1e9 })]);
    const rows = Array.from({ length: MAX_STRIKES + 5 }, (_, i) => block(100 + i, 10 * i));
    const intake = rows.map((row) => evidence.observe(state, row.at, [row]));
    expect(intake.filter(({ refused }) => refused === 1)).toHaveLength(MAX_STRIKES);
    expect(intake.at(-1)).toMatchObject({ accepted: 1 });
  });
});

describe("baseline", () => {
  it("is that of the shares, through retargets and whatever the pool is called that is not configured", () => {
    const doubling = chain({ seed: 5, days: 60, factor: (_pool, hours) => 1 + hours / (60 * 24) });
    const evidence = createBlockEvidence(modelOf());
    const state = evidence.initial();
    evidence.observe(state, doubling.at(-1)!.at, doubling);
    const counts = evidence.counts(state, doubling.at(-1)!.at - 4 * DAY);
    const total = counts.reduce((sum, { expected }) => sum + expected, 0);
    for (const { pool, expected } of counts) {
      const known = Object.values(POOLS).reduce((sum, { share }) => sum + share, 0);
      expect(Math.abs(expected / total - POOLS[pool]!.share / known), pool).toBeLessThan(0.025);
    }
    // Hash rate grew by about a fifth between the baseline's middle and now; luck of 550 blocks is 4 %.
    const found = counts.reduce((sum, { observed }) => sum + observed, 0);
    expect(found / total).toBeGreaterThan(1);
    expect(found / total).toBeLessThan(1.25);
  });

  it("says when it will be warm, and is then", () => {
    const blocks = chain({ seed: 8, days: 20 });
    const evidence = createBlockEvidence(modelOf());
    const state = evidence.initial();
    expect(evidence.evaluate(state, START)).toMatchObject({ feed: "none", warm: false });
    const early = blocks.filter(({ at }) => at < START + 6 * DAY);
    evidence.observe(state, START + 6 * DAY, early);
    const cold = evidence.evaluate(state, START + 6 * DAY);
    expect(cold.warm).toBe(false);
    expect(evidence.logRatios(state, START + 5 * DAY).every((ratio) => ratio === 0)).toBe(true);
    expect(Math.abs(cold.warmAt! - (START + 15.5 * DAY))).toBeLessThan(DAY);
    const rest = blocks.filter(({ at }) => at >= START + 6 * DAY && at <= cold.warmAt! + 2 * HOUR);
    evidence.observe(
      state,
      cold.warmAt!,
      rest.filter(({ at }) => at < cold.warmAt! - 3 * HOUR),
    );
    expect(evidence.evaluate(state, cold.warmAt!).warm).toBe(false);
    evidence.observe(state, cold.warmAt! + 2 * HOUR, rest);
    expect(evidence.evaluate(state, cold.warmAt! + 2 * HOUR)).toMatchObject({ warm: true, feed: "ok" });
  });
});
