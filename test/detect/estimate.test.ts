/** How much of a region fell, and how much of the fall is left. */
import { describe, expect, it } from "vitest";
import { dropInterval } from "../../src/detect/estimate/drop-interval.ts";
import { remainingFraction } from "../../src/detect/estimate/remaining.ts";
import { DROPS } from "../../src/detect/model/grids.ts";

describe("an estimate", () => {
  it("has an interval of the drop that holds it and never passes 1", () => {
    for (let top = 0; top < DROPS.length; top++) {
      const mass = Float64Array.from(DROPS, (_, k) => (k === top ? 0.8 : Math.abs(k - top) === 1 ? 0.1 : 0));
      const { estimate, low, high } = dropInterval(mass);
      expect(low).toBeLessThan(estimate);
      expect(high).toBeGreaterThan(estimate);
      expect(high).toBeLessThanOrEqual(1);
    }
  });
});

describe("what remains of a fall", () => {
  it("is not moved by one pool's own trouble", () => {
    const rows = Array.from({ length: 8 }, (_, k) => ({
      fall: 1 + k / 8,
      base: 10,
      present: 0.5 * (1 + k / 8),
      sd: 0.1,
    }));
    const honest = remainingFraction(rows)!.fraction;
    const troubled = remainingFraction([...rows.slice(1), { fall: 1, base: 10, present: 9, sd: 0.1 }])!.fraction;
    expect(honest).toBeCloseTo(0.5, 2);
    expect(Math.abs(troubled - honest)).toBeLessThan(0.05);
    expect(remainingFraction([])).toBeNull();
    expect(remainingFraction(rows.map((row) => ({ ...row, fall: 0 })))).toBeNull();
  });

  it.each([
    ["stands", 1],
    ["is half gone", 0.5],
    ["is gone", 0],
  ])("that %s is not moved by a dip of everything", (_, left) => {
    const dip = 0.03;
    const rows = Array.from({ length: 10 }, (_, k) => {
      const fall = k < 6 ? 0.2 + 0.15 * k : 0;
      return { fall, base: 10, present: left * fall + dip * 10, sd: 0.05 };
    });
    const found = remainingFraction(rows)!;
    expect(found.fraction).toBeCloseTo(left, 1);
    expect(found.common).toBeCloseTo(dip, 2);
  });
});
