/** The filter's gains, made by a fast recursion, against the plain one: the whole covariance, step by step. */
import { describe, expect, it } from "vitest";
import {
  correct,
  fallResponse,
  gainAfter,
  type NoiseModel,
  predict,
  steadyFilter,
  suddenResponse,
} from "../../src/detect/filter/kalman.ts";

interface Plain {
  predict(): void;
  correct(): void;
  gain(): { gain: number[]; variance: number };
}

/** The textbook's filter: P <- F P F' + Q, and P <- P - K R K'. */
function plainFilter(model: NoiseModel, cells: number, stepSeconds: number): Plain {
  const n = cells + 1;
  const phi = Math.exp(-stepSeconds / model.fastSeconds);
  const walk = (model.walkPerDay ** 2 * stepSeconds) / 86_400;
  const noise = model.noise ** 2;
  const from = (i: number): [of: number, part: number][] =>
    i === 0
      ? [[0, 1]]
      : i === 1
        ? [
            [0, 1 - phi],
            [1, phi],
          ]
        : [[i - 1, 1]];
  let p = Array.from({ length: n }, () => Array.from({ length: n }, () => 0));
  const gain = () => {
    const cross = p.map((row) => row.slice(1).reduce((a, b) => a + b) / cells);
    const variance = noise + cross.slice(1).reduce((a, b) => a + b) / cells;
    return { gain: cross.map((value) => value / variance), variance };
  };
  return {
    gain,
    predict() {
      p = p.map((_, i) =>
        p.map((__, j) => {
          let sum = i <= 1 && j <= 1 ? walk : 0;
          if (i === 1 && j === 1) sum += 1 - phi * phi;
          for (const [a, x] of from(i)) for (const [b, y] of from(j)) sum += x * y * p[a]![b]!;
          return sum;
        }),
      );
    },
    correct() {
      const { gain: k, variance } = gain();
      p = p.map((row, i) => row.map((value, j) => value - k[i]! * k[j]! * variance));
    },
  };
}

describe("the settled filter", () => {
  it.each([
    { cells: 1, stepSeconds: 300, fastSeconds: 3600, noise: 0.5 },
    { cells: 2, stepSeconds: 21_600, fastSeconds: 21_600, noise: 0.3 },
    { cells: 12, stepSeconds: 300, fastSeconds: 14_400, noise: 0.15 },
    { cells: 18, stepSeconds: 600, fastSeconds: 3600, noise: 1.5 },
  ])("has the gains of the plain recursion, without a gap and after one: %o", ({ cells, stepSeconds, ...noise }) => {
    const model = { ...noise, walkPerDay: 1.5 };
    const filter = steadyFilter(model, cells, stepSeconds);
    const plain = plainFilter(model, cells, stepSeconds);
    for (let step = 0; step < 2500; step++) {
      plain.predict();
      plain.correct();
    }
    let steps = -1;
    for (const missing of [0, 1, 3, 16, 48]) {
      for (; steps < missing; steps++) plain.predict();
      const expected = plain.gain();
      const found = gainAfter(filter, missing);
      expect(found.variance / expected.variance).toBeCloseTo(1, 7);
      const largest = Math.max(...expected.gain.map(Math.abs));
      found.gain.forEach((value, i) => {
        expect((value - expected.gain[i]!) / largest).toBeCloseTo(0, 7);
      });
    }
  });

  it("takes the gain of the longest tabulated gap that is not longer", () => {
    const filter = steadyFilter({ fastSeconds: 3600, noise: 0.5, walkPerDay: 1.5 }, 3, 300);
    expect(gainAfter(filter, 5)).toBe(gainAfter(filter, 4));
    expect(gainAfter(filter, 6)).not.toBe(gainAfter(filter, 4));
    expect(gainAfter(filter, 100_000)).toBe(gainAfter(filter, 288));
  });
});

describe("the filter's answer", () => {
  const model = { fastSeconds: 3600, noise: 0.5, walkPerDay: 1.5 };
  it.each([1, 2, 12, 36])("has a response of %i cells that the filter itself gives to a fall", (cells) => {
    const filter = steadyFilter(model, cells, 300);
    const expected = fallResponse(suddenResponse(filter, 60), 1800, 300);
    const state = new Float64Array(cells + 1).fill(1);
    const past: number[] = Array.from({ length: cells }, () => 1);
    for (let age = 0; age < 60; age++) {
      past.push(1 - 0.3 * Math.min(1, ((age + 0.5) * 300) / 1800));
      past.shift();
      const figure = past.reduce((a, b) => a + b) / cells;
      const innovation = figure - predict(filter, state, 0);
      correct(filter.gains[0]!.gain, state, 0, innovation);
      expect(innovation).toBeCloseTo(-0.3 * expected[age]!, 10);
    }
  });

  it("trusts a figure more after a gap, and expects less of it", () => {
    const filter = steadyFilter(model, 12, 300);
    const variances = [0, 1, 2, 5, 12, 100, 1000].map((missing) => gainAfter(filter, missing).variance);
    expect([...variances].sort((a, b) => a - b)).toEqual(variances);
  });
});
