import { describe, expect, it } from "vitest";
import type { DetectorModel } from "../../src/detect/contract.ts";
import type { Sample } from "../../src/model/sample.ts";
import { seededRandom } from "../support/random.ts";
import { RegionSums } from "./rivals/region-sums.ts";
import { makeRival, type Rule } from "./rivals/rival.ts";
import { fractionOfMedian, medianBands, regionalSum } from "./rivals/rules.ts";
import { Trailing } from "./rivals/trailing.ts";

const TICK = 300_000;
const HOUR_TICKS = 12;
const DAY_TICKS = 288;

const MODEL: DetectorModel = {
  network: "n",
  intervalSeconds: 300,
  configHash: "h",
  detection: {
    falseAlarmsPerMonth: 0.1,
    newRegimeAfterSeconds: 14 * 86_400,
    severity: { criticalShare: 0.05, warningShare: 0.015, minProbability: 0.8 },
  },
  pools: [
    { id: "east", regions: [{ region: "KZ", weight: 0.5, sd: 0.1 }] },
    {
      id: "west",
      regions: [
        { region: "US", weight: 0.8, sd: 0.1 },
        { region: "OTHER", weight: 0.2, sd: 0.1 },
      ],
    },
  ],
};

function rate(pool: string, hashrate: number, region?: string): Sample {
  return { kind: "rate", at: 0, pool, hashrate, ...(region === undefined ? {} : { region }) };
}

/** What a rule says when the eastern pool shows `east(tick)` and the western one stands. */
function follow(rule: Rule, ticks: number, east: (tick: number) => number) {
  const rival = makeRival(rule, MODEL);
  const said = [];
  for (let tick = 1; tick <= ticks; tick++) {
    const rows = [rate("east", east(tick)), rate("west", 100 + (tick % 2))];
    for (const { type, region, at } of rival.tick(tick * TICK, rows)) said.push(`${type} ${region} ${at / TICK}`);
  }
  return said;
}

/** Level 100 with a wiggle of one percent either way, times `left` from a tick on. */
const falls =
  (left: number, from: number, to = Number.POSITIVE_INFINITY) =>
  (tick: number) =>
    (99 + (tick % 3)) * (tick >= from && tick < to ? left : 1);

describe("the weighted regional sum", () => {
  it.each([
    ["11 % under opens at once", falls(0.88, 400), [`opened KZ 400`]],
    ["8 % under stays silent", falls(0.92, 400), []],
    ["the first day is for learning", falls(0.5, 100, 288), []],
  ])("%s", (_, east, expected) => {
    expect(follow(regionalSum, 420, east)).toEqual(expected);
  });

  it("closes an hour after the region is back", () => {
    expect(follow(regionalSum, 500, falls(0.5, 400, 420))).toEqual([
      "opened KZ 400",
      `resolved KZ ${419 + HOUR_TICKS}`,
    ]);
  });

  it("takes a fall of more than half a day for the new normal", () => {
    const [, resolved] = follow(regionalSum, 400 + 2 * DAY_TICKS, falls(0.5, 400));
    expect(Number(resolved?.split(" ")[2])).toBeCloseTo(400 + DAY_TICKS / 2 + HOUR_TICKS, -1);
  });
});

describe("the fraction of the seven-day median", () => {
  it("opens under nine tenths, and remembers longer than a day", () => {
    expect(follow(fractionOfMedian, 7 * DAY_TICKS + 2 * DAY_TICKS, falls(0.85, 7 * DAY_TICKS))).toEqual([
      `opened KZ ${7 * DAY_TICKS}`,
    ]);
  });

  it("stays silent above it", () => {
    expect(follow(fractionOfMedian, 8 * DAY_TICKS, falls(0.92, 7 * DAY_TICKS))).toEqual([]);
  });
});

describe("median and median deviations", () => {
  it.each([
    // The wiggle's median deviation is 1, so that the band is 4.4 wide.
    ["just inside of the band", 0.967, []],
    ["just outside of the band", 0.95, ["opened KZ 402"]],
  ])("%s", (_, left, expected) => {
    // Tick 402 is the first in the wiggle's trough.
    expect(follow(medianBands, 402, falls(left, 402))).toEqual(expected);
  });

  it("has no band around a series that never moved", () => {
    expect(follow(medianBands, 420, (tick) => (tick >= 400 ? 50 : 100))).toEqual([]);
  });
});

describe("a rival", () => {
  it("opens for the region furthest beyond the rule, one at a time", () => {
    const rival = makeRival(regionalSum, MODEL);
    for (let tick = 1; tick <= DAY_TICKS; tick++) rival.tick(tick * TICK, [rate("east", 100), rate("west", 100)]);
    const both = [rate("east", 80), rate("west", 60)];
    const said = [1, 2, 3].flatMap((k) => rival.tick((DAY_TICKS + k) * TICK, both));
    expect(said.map(({ type, region }) => `${type} ${region}`)).toEqual(["opened US"]);
  });
});

describe("regional sums", () => {
  it("weigh pools' last figures, and leave out regional rows, blocks and OTHER", () => {
    const sums = new RegionSums(MODEL.pools);
    sums.take([rate("east", 10), rate("west", 100)]);
    const block: Sample = { kind: "block", at: 0, pool: "east", height: 1, difficulty: 1 };
    expect([...sums.take([rate("west", 50), rate("east", 7, "KZ"), block])]).toEqual([
      ["KZ", 5],
      ["US", 40],
    ]);
  });

  it("say nothing of a region before any of its pools has spoken", () => {
    expect([...new RegionSums(MODEL.pools).take([rate("west", 100)])]).toEqual([["US", 80]]);
  });
});

describe("a trailing window", () => {
  it("has the exact median and deviation of the last values", () => {
    const random = seededRandom(7);
    const trailing = new Trailing(9);
    const all: number[] = [];
    const middle = (values: readonly number[]) => {
      const sorted = [...values].sort((a, b) => a - b);
      return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
    };
    for (let k = 0; k < 60; k++) {
      // Few distinct values, so that there are ties.
      const value = Math.floor(8 * random());
      all.push(value);
      trailing.push(value);
      const last = all.slice(-9);
      const median = middle(last);
      expect(trailing.length).toBe(last.length);
      expect(trailing.median(), `seed 7, value ${k}`).toBe(median);
      expect(trailing.deviation(), `seed 7, value ${k}`).toBe(middle(last.map((each) => Math.abs(each - median))));
    }
  });
});
