/** What every competing explanation has to keep to; a new one in the list is held to it by itself. */
import { describe, expect, it } from "vitest";
import type { EvaluationInput } from "../../src/detect/hypotheses/hypothesis.ts";
import { RIVALS } from "../../src/detect/hypotheses/list.ts";
import { regionFall } from "../../src/detect/hypotheses/region.ts";
import type { ScoreModel } from "../../src/detect/model/score-model.ts";
import { fastScale } from "../../src/detect/model/time-scales.ts";

const ROWS = 8;
const SD = 0.004;

/** Two regions, and an operator whose two pools have little in common otherwise. */
const model: ScoreModel = {
  rows: Array.from({ length: ROWS }, (_, k) => ({ pool: `p${k}`, region: null })),
  regions: [
    [0.5, 0.1, 0.4, 0.05, 0.3, 0.1, 0.2, 0.02],
    [0.1, 0.4, 0.05, 0.5, 0.02, 0.3, 0.1, 0.4],
  ].map((weights, r) => ({
    region: `R${r}`,
    rows: Int32Array.from(weights.keys()),
    weight: Float64Array.from(weights),
    sd: Float64Array.from(weights, (weight) => 0.25 * weight),
  })),
  operators: [{ operator: "twins", rows: Int32Array.of(2, 5) }],
  counted: new Uint8Array(ROWS).fill(1),
};

/** Statistics of rows that fell by just so much, at one onset with one ramp. */
function inputOf(fall: Float64Array): EvaluationInput {
  const b = new Float64Array(ROWS).fill(1 / SD ** 2);
  return {
    model,
    statistics: { a: fall.map((size, k) => size * b[k]!), b, slots: 1, ramps: 1 },
    priors: { region: Float64Array.of(0.5, 0.5), ramp: [1], onsetSteps: Float64Array.of(1), row: fastScale(300) },
    shortlist: { regions: [0, 1], regional: [0], networkWide: [0] },
    other: null,
  };
}

const hypotheses = [regionFall, ...RIVALS];
const atEveryStep = hypotheses.filter(({ asked }) => asked === "every-step");
const explain = (fall: Float64Array) =>
  atEveryStep
    .flatMap((hypothesis) => hypothesis.evaluate(inputOf(fall)).map((found) => ({ ...found, of: hypothesis.name })))
    .sort((x, y) => y.score - x.score);

describe("hypotheses", () => {
  it("have names of their own, a positive prior and sizes that rise", () => {
    expect(new Set(hypotheses.map(({ name }) => name)).size).toBe(hypotheses.length);
    for (const { prior, sizes } of hypotheses) {
      expect(prior(inputOf(new Float64Array(ROWS)).priors)).toBeGreaterThan(0);
      expect([...sizes].sort((x, y) => x - y)).toEqual([...sizes]);
    }
  });

  it.each(atEveryStep.map((hypothesis) => [hypothesis.name, hypothesis] as const))(
    "explain what they predict better than any other does: %s",
    (name, hypothesis) => {
      // Of a middling size: the largest falls of everything are a region's that most pools have a part in.
      const size = hypothesis.sizes[Math.floor(hypothesis.sizes.length / 2)]!;
      for (const { subject } of hypothesis.evaluate(inputOf(new Float64Array(ROWS)))) {
        const [best, second] = explain(hypothesis.predict(model, subject, size));
        expect([best!.of, best!.subject]).toEqual([name, subject]);
        expect(best!.score).toBeGreaterThan(second!.score + 1);
        expect(best!.size / size).toBeGreaterThan(0.6);
        expect(best!.size / size).toBeLessThan(1.7);
      }
    },
  );

  it("have no evidence of anything where nothing happened", () => {
    for (const { score } of explain(new Float64Array(ROWS))) expect(score).toBeLessThan(0);
  });

  it("that need the rows' past say nothing without it", () => {
    const late = hypotheses.filter(({ asked }) => asked === "before-opening");
    expect(late.flatMap((hypothesis) => hypothesis.evaluate(inputOf(new Float64Array(ROWS).fill(0.05))))).toEqual([]);
  });
});
