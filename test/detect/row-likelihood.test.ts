/** What one row says of a fall: the likelihood itself, and the tables that stand for it. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyNulls, rowRatio, setNull } from "../../src/detect/hypotheses/likelihood.ts";
import { rowOutages } from "../../src/detect/hypotheses/row-outages.ts";
import { makeRowTables } from "../../src/detect/hypotheses/row-tables.ts";
import { DROPS } from "../../src/detect/model/grids.ts";
import { fastScale } from "../../src/detect/model/time-scales.ts";
import { cellOf, cellOffset } from "../../src/detect/statistics/onset-grid.ts";
import type { RowOutages, SufficientStatistics } from "../../src/detect/statistics/scale-state.ts";
import { SEED } from "../support/property-seed.ts";
import { scoreModelOf } from "./small-models.ts";

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
          const tables = makeRowTables(scoreModelOf([[weight]], relativeSd), { a, b }, spec);
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

describe("a row's own outage", () => {
  const spec = fastScale(300);
  const rows = 2;
  /** Sums of two rows that fell at the given onsets by 5 %, seen with a deviation of 0.7 %. */
  function sums(fellAt: readonly [number, number], slots: number): SufficientStatistics {
    const ramps = spec.rampSeconds.length;
    const a = new Float64Array(slots * ramps * rows);
    const b = new Float64Array(a.length);
    for (let slot = 0; slot < slots; slot++)
      for (let ramp = 0; ramp < ramps; ramp++)
        for (let row = 0; row < rows; row++) {
          const at = cellOffset(cellOf(slot, ramp, ramps), rows) + row;
          b[at] = 1 / 0.007 ** 2;
          a[at] = slot === fellAt[row] && ramp === 0 ? 0.05 * b[at] : 0;
        }
    return { a, b, slots, ramps };
  }
  const steps = new Float64Array(40).fill(1);
  const outages = (fellAt: readonly [number, number]): RowOutages => rowOutages(sums(fellAt, 40), rows, spec, steps);

  it("explains a fall whatever onset is asked for", () => {
    const found = outages([20, 20]);
    const at = (slot: number): number => found.logAt(cellOf(slot, 0, 4))[0]!;
    expect(at(20)).toBeGreaterThan(10);
    expect(at(30)).toBeCloseTo(at(20), 6);
    expect(at(1)).toBe(at(20));
  });
  it("bounds what a row says by its rate: no more than 12 nats, however plain the fall", () => {
    const { a, b } = sums([20, 20], 40);
    const cell = cellOf(20, 0, 4);
    const known = emptyNulls(1);
    setNull(a[cell * rows]!, b[cell * rows]!, spec, known, 0, outages([20, 20]).logAt(cell)[0]);
    const said = Math.log(rowRatio(a[cell * rows]!, b[cell * rows]!, 0.05, 0.02 ** 2, spec, known, 0));
    expect(said).toBeGreaterThan(6);
    expect(said).toBeLessThan(12);
  });
  it("explains each of two pools at its own time", () => {
    const found = outages([16, 22]).logAt(cellOf(20, 0, 4));
    expect(Math.min(...found)).toBeGreaterThan(10);
  });
});
