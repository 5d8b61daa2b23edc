import { describe, expect, it } from "vitest";
import {
  GRID,
  logGamma,
  logGeometric,
  logNegativeBinomial,
  tabulateRatio,
} from "../../../src/detect/blocks/likelihood.ts";

describe("likelihood of a count", () => {
  it.each([
    [1, 0],
    [2, 0],
    [5, Math.log(24)],
    [0.5, Math.log(Math.sqrt(Math.PI))],
    [171, 706.573062245787],
  ])("logGamma(%d)", (x, expected) => {
    expect(logGamma(x)).toBeCloseTo(expected, 9);
  });

  it.each([
    [3, 5],
    [40, 200],
    [0.2, 1.5],
  ])("sums to one over all counts, mean %d shape %d", (mean, shape) => {
    const counts = Array.from({ length: 3000 }, (_, n) => n);
    const sum = (p: (n: number) => number): number => counts.reduce((total, n) => total + p(n), 0);
    expect(sum((n) => Math.exp(logNegativeBinomial(n, mean, shape)))).toBeCloseTo(1, 9);
    expect(sum((n) => n * Math.exp(logNegativeBinomial(n, mean, shape)))).toBeCloseTo(mean, 6);
    expect(sum((n) => Math.exp(logGeometric(n, mean)))).toBeCloseTo(1, 9);
    expect(sum((n) => n * Math.exp(logGeometric(n, mean)))).toBeCloseTo(mean, 6);
  });

  it("has an expected ratio of one while nothing happens, for every remaining part", () => {
    const [mean, shape, outlier] = [20, 150, 0.03];
    const table = new Float64Array(GRID + 1);
    const expected = new Float64Array(GRID + 1);
    for (let n = 0; n < 2000; n++) {
      const own = tabulateRatio(n, mean, shape, outlier, table, 0);
      const p =
        (1 - outlier) * Math.exp(logNegativeBinomial(n, mean, shape)) + outlier * Math.exp(logGeometric(n, mean));
      for (let q = 1; q <= GRID; q++) expected[q]! += p * (table[q]! + own);
    }
    for (let q = 1; q <= GRID; q++) expect(expected[q]).toBeCloseTo(1, 6);
  });

  it("bounds what one pool can say, however far it falls or rises", () => {
    const table = new Float64Array(GRID + 1);
    const logs = [0, 1, 10, 60, 100, 400].flatMap((n) => {
      const own = tabulateRatio(n, 60, 200, 0.03, table, 0);
      return [0.3, 0.5, 0.7].map((q) => Math.log(table[q * GRID]! + own));
    });
    expect(Math.max(...logs)).toBeLessThan(6);
    expect(Math.min(...logs)).toBeGreaterThan(-6);
    const gone = tabulateRatio(0, 60, 200, 0.03, table, 0) + table[0.7 * GRID]!;
    expect(Math.abs(Math.log(gone))).toBeLessThan(0.1);
  });
});
