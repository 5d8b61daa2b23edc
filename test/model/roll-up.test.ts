import { describe, expect, it } from "vitest";
import { parentsOf, partsOf, rollUpsOf, sumFigures } from "../../src/model/roll-up.ts";

describe("a country that is known by its subdivisions", () => {
  it("is the sum over them, marked as one and without a score of its own", () => {
    const regions = [
      { region: "US-TX", hashrate: 8, expected: 10, drop: 0.2, score: 5 },
      { region: "KZ", hashrate: 4, expected: 4, drop: 0, score: -3 },
      { region: "US-NY", hashrate: 10, expected: 10, drop: 0, score: -7 },
      { region: "CN-XJ", hashrate: 1, expected: 2, drop: 0.5 },
    ];
    expect(rollUpsOf(regions)).toEqual([
      { region: "CN", rollUp: true, of: ["CN-XJ"], hashrate: 1, expected: 2, drop: 0.5 },
      { region: "US", rollUp: true, of: ["US-NY", "US-TX"], hashrate: 18, expected: 20, drop: expect.closeTo(0.1, 12) },
    ]);
  });

  it.each([
    ["nothing of a part is known", [{ hashrate: 1, expected: 2 }, {}], {}],
    ["only what was expected is known of a part", [{ hashrate: 1, expected: 2 }, { expected: 3 }], { expected: 5 }],
    ["more runs than was expected", [{ hashrate: 6, expected: 5 }], { hashrate: 6, expected: 5, drop: 0 }],
    ["there are no parts", [], {}],
  ])("says only what is known, when %s", (_, parts, sum) => {
    expect(sumFigures(parts)).toEqual(sum);
  });

  it("is none where the country is a region itself, nor of a declared name", () => {
    expect(partsOf("US", ["US", "US-TX"])).toEqual([]);
    expect([...parentsOf(["KZ", "EU", "OTHER", "US"]).keys()]).toEqual([]);
    expect(parentsOf(["US-TX", "US-NY", "US-TX"]).get("US")).toEqual(["US-NY", "US-TX"]);
  });
});
