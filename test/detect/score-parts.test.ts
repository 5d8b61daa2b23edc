/** Parts of the score that decide by themselves: tables, priors, known falls, passing dips. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bankMaker } from "../../src/detect/filter/bank.ts";
import { emptyNulls, rowRatio, setNull } from "../../src/detect/hypotheses/likelihood.ts";
import { regionPriorOf } from "../../src/detect/hypotheses/region.ts";
import { makeRowTables } from "../../src/detect/hypotheses/row-tables.ts";
import { DROPS } from "../../src/detect/model/grids.ts";
import type { ScoreModel } from "../../src/detect/model/score-model.ts";
import { fastScale, slowScale } from "../../src/detect/model/time-scales.ts";
import { advanceScale, makeScale } from "../../src/detect/statistics/accumulate.ts";
import { statisticsWithout } from "../../src/detect/statistics/subtract-falls.ts";
import { SEED } from "../support/property-seed.ts";
import { seededRandom } from "../support/random.ts";
import { opened, run } from "./run.ts";
import { modelOf, world } from "./world.ts";

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

describe("tables of rows", () => {
  it.each([0.25, 0.5, 0.05])("say what the likelihood itself says, relative error of weights %d", (relativeSd) => {
    const spec = fastScale(300);
    fc.assert(
      fc.property(
        fc.double({ min: 0.003, max: 1, noNaN: true }),
        fc.double({ min: -0.3, max: 1, noNaN: true }),
        fc.double({ min: 0.002, max: 0.2, noNaN: true }),
        (weight, fall, sd) => {
          const b = Float64Array.of(1 / sd ** 2);
          const a = Float64Array.of(fall / sd ** 2);
          const tables = makeRowTables(model([[weight]], relativeSd), a, b, spec);
          tables.begin(0);
          const known = emptyNulls(1);
          setNull(a[0]!, b[0]!, spec, known, 0);
          const said = new Float64Array(DROPS.length);
          tables.region(0, said, 0);
          for (const [d, drop] of DROPS.entries()) {
            const m = weight * drop;
            const exact = Math.log(rowRatio(a[0]!, b[0]!, m, (relativeSd * m) ** 2, spec, known, 0));
            const off = Math.abs(said[d]! - exact);
            expect(off).toBeLessThan(0.6);
          }
        },
      ),
      { seed: SEED },
    );
  });
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

/** A scale fed with one row whose figure falls by `fall` at step `from`; its windows are known. */
function fedScale(options: { fall: number; from: number; steps: number; seed: number }) {
  const spec = fastScale(300);
  const scale = makeScale(spec);
  const windows = [3600];
  const banks = windows.map(bankMaker(spec));
  const state = scale.initial(windows);
  const uniform = seededRandom(options.seed);
  const past: number[] = [];
  for (let k = 1; k <= options.steps; k++) {
    past.push(k >= options.from ? 1 - options.fall : 1);
    if (past.length > 12) past.shift();
    const mean = past.reduce((a, b) => a + b) / past.length;
    advanceScale(state, spec, banks, k * 300_000, Float64Array.of(1e18 * mean * (1 + 0.004 * (uniform() - 0.5))));
  }
  return { spec, state, banks };
}

describe("a known fall", () => {
  it.each([0.7, 1, 1.4])("of %d times its true size leaves nothing that speaks of another", (misfit) => {
    const { spec, state, banks } = fedScale({ fall: 0.2, from: 600, steps: 630, seed: 3 });
    const known = { onset: 600 * 300_000, ramp: 0, fall: [0.2 * misfit] };
    const before = statisticsWithout(state, spec, banks, []);
    const after = statisticsWithout(state, spec, banks, [known]);
    const z = (sums: typeof before): number =>
      Math.max(
        ...Array.from({ length: sums.slots * sums.ramps }, (_, k) =>
          sums.b[k]! > 1 ? Math.abs(sums.a[k]!) / Math.sqrt(sums.b[k]!) : 0,
        ),
      );
    expect(z(before)).toBeGreaterThan(20);
    expect(z(after)).toBeLessThan(4);
  });
});

describe("the slow scale", () => {
  it("does not take what comes after a leap up for a fall", () => {
    const scale = makeScale(slowScale);
    const banks = [bankMaker(slowScale)(43_200)];
    const state = scale.initial([43_200]);
    const uniform = seededRandom(4);
    for (let k = 1; k <= 60; k++) {
      const level = k < 50 ? 1 : 1.8;
      const figure = Float64Array.of(1e18 * level * (1 + 0.006 * (uniform() - 0.5)));
      advanceScale(state, slowScale, banks, k * 21_600_000, figure);
    }
    const late = Array.from({ length: state.slots }, (_, s) => s).filter((s) => state.slotAt[s]! > 50 * 21_600_000);
    for (const s of late) {
      for (let ramp = 0; ramp < slowScale.rampSeconds.length; ramp++) {
        const at = s * slowScale.rampSeconds.length + ramp;
        expect(state.sumA[at]! / Math.sqrt(Math.max(state.sumB[at]!, 1))).toBeLessThan(3);
      }
    }
  });
});

describe("a dip of everything that passes", () => {
  // Short windows are back while long ones are not: by their windows pools look like regions.
  it.each([41, 42, 43, 44, 45, 46])("opens no region, seed %i", (seed) => {
    const uniform = seededRandom(seed);
    const depth = 0.02 + 0.04 * uniform();
    const hours = 1 + 5 * uniform();
    const wide = (h: number): number => {
      const phase = (h - 50) / hours;
      return phase > 0 && phase < 1 ? 1 - depth * Math.sin(Math.PI * phase) : 1;
    };
    expect(opened(run(modelOf(), world({ seed, days: 3, wide })).events)).toEqual([]);
  });
});
