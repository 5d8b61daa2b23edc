/** What is lost while a fall is under way: what is gone by now, whatever ramp it may turn out to be. */
import { describe, expect, it } from "vitest";
import { fitRegion } from "../../src/detect/estimate/region-fit.ts";
import { DROPS } from "../../src/detect/model/grids.ts";
import { fastScale } from "../../src/detect/model/time-scales.ts";

/** One pool of 1 H/s, half of it in one region; its figures say nothing, so that sizes are those of the masses. */
const model = {
  rows: [{ pool: "alpha", region: null }],
  regions: [{ region: "KZ", rows: Int32Array.of(0), weight: Float64Array.of(0.5), sd: Float64Array.of(0.1) }],
  operators: [],
  counted: Uint8Array.of(1),
};
const none = { a: new Float64Array(2), b: new Float64Array(2), slots: 1, ramps: 2 };
const sizes = (drop: (typeof DROPS)[number], mass: number): Float64Array =>
  Float64Array.from(DROPS, (each) => (each === drop ? mass : 0));
const sum = (x: Float64Array, y: Float64Array): Float64Array => x.map((value, k) => value + y[k]!);

/** A sudden fall of a fifth, or the first fifth of a slow one of nine tenths: both look so in the first minutes. */
const sudden = sizes(0.2, 0.6);
const slow = sizes(0.9, 0.4);
const found = {
  index: 0,
  score: 0,
  withoutWitnesses: 0,
  drops: sum(sudden, slow),
  cells: new Map([
    [0, 0.6],
    [1, 0.4],
  ]),
  sizesAt: new Map([
    [0, sudden],
    [1, slow],
  ]),
};
const progress = (cell: number): number => (cell === 0 ? 1 : 0.2);

describe("a fall that may be a sudden small one or the beginning of a slow large one", () => {
  const fit = fitRegion(model, none, found, Float64Array.of(1), fastScale(300), progress);

  it("has lost what either has lost by now, not what the slow one would lose in the end", () => {
    expect(fit.lost).toBeCloseTo(0.5 * (0.6 * 0.2 + 0.4 * 0.9 * 0.2), 6);
    expect(fit.drop.estimate).toBeLessThan(0.3);
  });

  it("has the sizes of its likeliest onset and ramp in the rows' falls", () => {
    expect(fit.fall[0]).toBeCloseTo(0.5 * 0.2, 6);
  });
});
