import { describe, expect, it } from "vitest";
import { regionPriorOf } from "../../src/detect/hypotheses/region.ts";
import { scoreModelOf } from "./small-models.ts";

describe("the prior of regions", () => {
  it("goes by the root of what each has, sums to 1, and leaves none without a chance", () => {
    const made = regionPriorOf(scoreModelOf([[0.64, 0.16, 0.0001]]), Float64Array.of(1e20));
    expect([...made].reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(made[0]! / made[1]!).toBeCloseTo(2, 6);
    expect(made[2]!).toBeGreaterThan(0.05);
  });

  it("is the same for all while nothing is known of the rows", () => {
    const made = regionPriorOf(scoreModelOf([[0.6, 0.4]]), new Float64Array(1));
    expect([...made]).toEqual([0.5, 0.5]);
  });
});
