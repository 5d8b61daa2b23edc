/** Small models from a table of weights, for tests that need no simulated world. */
import type { DetectorModel } from "../../src/detect/contract.ts";
import type { ScoreModel } from "../../src/detect/model/score-model.ts";

/** A score's model. `weights`: per row, the weight of each region. */
export function scoreModelOf(weights: readonly (readonly number[])[], relativeSd = 0.25): ScoreModel {
  return {
    rows: weights.map((_, k) => ({ pool: `p${k}`, region: null })),
    regions: weights[0]!.map((_, r) => ({
      region: `R${r}`,
      rows: Int32Array.from(weights.keys()),
      weight: Float64Array.from(weights, (row) => row[r]!),
      sd: Float64Array.from(weights, (row) => relativeSd * row[r]!),
    })),
    operators: [],
    counted: new Uint8Array(weights.length).fill(1),
  };
}

/** A detector's model. `weights`: pool -> region -> weight, each with a standard deviation of a quarter of it. */
export function detectorModelOf(
  weights: Readonly<Record<string, Readonly<Record<string, number>>>>,
  { network, stepMs, windowSeconds }: { network: string; stepMs: number; windowSeconds: number },
): DetectorModel {
  return {
    network,
    intervalSeconds: stepMs / 1000,
    pools: Object.entries(weights).map(([id, regions]) => ({
      id,
      windowSeconds,
      regions: Object.entries(regions).map(([region, weight]) => ({ region, weight, sd: 0.25 * weight })),
    })),
    detection: {
      falseAlarmsPerMonth: 0.1,
      newRegimeAfterSeconds: 14 * 86_400,
      severity: { criticalShare: 0.03, warningShare: 0.01, minProbability: 0.9 },
    },
    configHash: "test",
  };
}
