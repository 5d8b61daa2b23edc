import { describe, expect, it } from "vitest";
import { between, delayText, figuresOf, median, reliabilityTable, scoreTable } from "./figures.ts";
import type { Verdict } from "./judge.ts";
import { parseSeeds } from "./seeds.ts";

const VERDICT: Verdict = {
  falls: 2,
  named: 1,
  listed: 1,
  wrong: 1,
  false: 2,
  repeats: 5,
  delays: [600_000],
  openings: [],
};

describe("figures", () => {
  it("add up the worlds; what is neither right nor wrong is in no figure", () => {
    const figures = figuresOf([VERDICT, { ...VERDICT, delays: [1_800_000] }], 60);
    expect(
      scoreTable([{ family: "blackout", contestant: "hashfall", figures }])
        .split("\n")
        .at(-1),
    ).toBe("| blackout | hashfall | 0.50 (2/4) | 2 | 0.25 (2/8) | 20 min | 2.00 |");
  });

  it("of a calm family are false alerts alone", () => {
    const calm = { ...VERDICT, falls: 0, named: 0, listed: 0, wrong: 0, delays: [] };
    const row = { family: "calm", contestant: "x", figures: figuresOf([calm], 20) };
    expect(scoreTable([row]).split("\n").at(-1)).toBe("| calm | x | - | - | - | - | 3.00 |");
  });

  it.each([
    [[], undefined],
    [[3], 3],
    [[9, 1], 5],
    [[10, 9, 2], 9],
  ])("take the median of %j", (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it.each([
    [undefined, "-"],
    [11.4 * 60_000, "11 min"],
    [119 * 60_000, "119 min"],
    [30 * 3_600_000, "30 h"],
  ])("write a delay of %s as %s", (ms, expected) => {
    expect(delayText(ms)).toBe(expected);
  });
});

describe("the reliability table", () => {
  it("puts each opening into one bin, edges into the upper one, certainty into the last", () => {
    const openings = [0, 0.5, 0.95, 0.99, 1].map((stated) => ({ stated, right: stated >= 0.95 }));
    const rows = reliabilityTable(openings).split("\n").slice(2);
    expect(rows.map((row) => row.split(" | ").slice(1).join(" "))).toEqual([
      "1 0.00 0.00 (0/1) |",
      "1 0.50 0.00 (0/1) |",
      "0 - - |",
      "0 - - |",
      "0 - - |",
      "1 0.95 1.00 (1/1) |",
      "2 0.99 1.00 (2/2) |",
    ]);
  });
});

describe("what stands between markers", () => {
  it("is replaced, and nothing else", () => {
    const text = "a\n<!-- x:begin -->\nold\n<!-- x:end -->\nb\n";
    expect(between(text, "x", "new")).toBe("a\n<!-- x:begin -->\nnew\n<!-- x:end -->\nb\n");
  });

  it.each(["", "<!-- x:begin -->", "<!-- x:end --><!-- x:begin -->"])(
    "is refused where a marker is missing: %j",
    (text) => {
      expect(() => between(text, "x", "new")).toThrow(RangeError);
    },
  );
});

describe("seeds", () => {
  it.each([
    ["3", [3]],
    ["1-4", [1, 2, 3, 4]],
    ["1, 7-8,7", [1, 7, 8]],
  ])("%s", (text, expected) => {
    expect(parseSeeds(text)).toEqual(expected);
  });

  it.each(["", "a", "4-1", "1-", "-1", "1.5", "1-99999999"])("%j is refused", (text) => {
    expect(() => parseSeeds(text)).toThrow(RangeError);
  });
});
