/** What one row says of a fall: the likelihood itself, and the tables that stand for it. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyNulls, rowRatio, setNull } from "../../src/detect/hypotheses/likelihood.ts";
import { makeRowTables } from "../../src/detect/hypotheses/row-tables.ts";
import { DROPS } from "../../src/detect/model/grids.ts";
import type { ScoreModel } from "../../src/detect/model/score-model.ts";
import { fastScale } from "../../src/detect/model/time-scales.ts";
import { SEED } from "../support/property-seed.ts";

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

describe("the likelihood of one row", () => {
  const prior = { own: 0.02, wander: 4e-6 };
  const ratio = (c: number, sd: number, m: number): number => {
    const b = 1 / (sd * sd);
    const known = emptyNulls(1);
    setNull(c * b, b, prior, known, 0);
    return Math.log(rowRatio(c * b, b, m, (0.25 * m) ** 2, prior, known, 0));
  };
  it("is bounded on both sides, however large the fall or the rise", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -20, max: 20, noNaN: true }),
        fc.double({ min: 0.001, max: 0.5, noNaN: true }),
        fc.double({ min: 0.001, max: 1.2, noNaN: true }),
        (c, sd, m) => {
          const value = ratio(c, sd, m);
          expect(value).toBeLessThanOrEqual(6 + 1e-9);
          expect(value).toBeGreaterThan(-12);
        },
      ),
      { seed: SEED },
    );
  });
  it.each([
    ["fell as expected", 0.15, 0.15, 1],
    ["stood", 0, 0.15, -1],
    ["lost everything", 1, 0.15, 0],
  ])("says what it should of a pool that %s", (_, c, m, sign) => {
    const value = ratio(c, 0.01, m);
    if (sign === 0) expect(Math.abs(value)).toBeLessThan(0.5);
    else expect(value * sign).toBeGreaterThan(2);
  });
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
