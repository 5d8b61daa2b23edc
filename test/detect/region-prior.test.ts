import { describe, expect, it } from "vitest";
import { regionPriorOf } from "../../src/detect/hypotheses/region.ts";
import type { ScoreModel } from "../../src/detect/model/score-model.ts";

const model = (weights: readonly (readonly number[])[], relativeSd = 0.25): ScoreModel => ({
  rows: weights.map((_, k) => ({ pool: `p${k}`, region: null })),
  regions: weights[0]!.map((_, r) => ({
    region: `R${r}`,
    rows: Int32Array.from(weights.keys()),
    weight: Float64Array.from(weights, (row) => row[r]!),
    sd: Float64Array.from(weights, (row) => relativeSd * row[r]!),
  })),
  operators: [],
  counted: new Uint8Array(weights.length).fill(1),
});

describe("the prior of regions", () => {
  it("goes by the root of what each has, sums to 1, and leaves none without a chance", () => {
    const made = regionPriorOf(model([[0.64, 0.16, 0.0001]]), Float64Array.of(1e20));
    expect([...made].reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(made[0]! / made[1]!).toBeCloseTo(2, 6);
    expect(made[2]!).toBeGreaterThan(0.05);
  });

  it("is the same for all while nothing is known of the rows", () => {
    const made = regionPriorOf(model([[0.6, 0.4]]), new Float64Array(1));
    expect([...made]).toEqual([0.5, 0.5]);
  });
});
