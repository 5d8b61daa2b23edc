/** What a row's ordinary noise is taken to be: what its figures show while nothing is known to happen. */
import { describe, expect, it } from "vitest";
import { createDetector } from "../../src/detect/detector.ts";
import { newestOffset } from "../../src/detect/statistics/onset-grid.ts";
import { HOUR, modelOf, START, type WorldOptions, world } from "./world.ts";

/** Standard deviation of the next figure that each pool states, relative, at an hour of a world. */
function statedAt(hour: number, options: WorldOptions): number[] {
  const detector = createDetector(modelOf());
  let state = detector.initial();
  for (const tick of world(options)) {
    if (tick.at > START + hour * HOUR) break;
    state = detector.advance(state, tick).state;
  }
  const from = newestOffset(state.fast);
  return state.rows.map((_, row) => Math.sqrt(state.fast.ringVariance[from + row]!));
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

describe("the noise that a pool states", () => {
  const quiet = { seed: 21, days: 1.95 };
  const dip = (h: number): number => (h > 36 && h < 41 ? 0.7 : 1);

  it("is within hours of a dip of everything what it would be without", () => {
    const without = statedAt(46.5, quiet);
    const after = statedAt(46.5, { ...quiet, wide: dip });
    expect(mean(after.map((sd, row) => sd / without[row]!))).toBeLessThan(1.1);
  });
});
