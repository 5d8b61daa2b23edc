/** The arithmetic of the budget of false alarms: the threshold that follows from it, and the limit of what was counted. */
import { describe, expect, it } from "vitest";
import { logThreshold } from "../../src/detect/decide/threshold.ts";
import { poissonUpper } from "../../src/detect/replay/calibration.ts";

describe("the budget of false alarms", () => {
  it("the threshold grows with the logarithm of the time between false alarms", () => {
    // 86,400 steps between false openings, of which a leap of 1 / 0.58 past the threshold brings a part by itself.
    expect(logThreshold(0.1, 300, 1)).toBeCloseTo(Math.log(86_400 / 1.7), 6);
    expect(logThreshold(0.01, 300, 1) - logThreshold(0.1, 300, 1)).toBeCloseTo(Math.log(10), 6);
  });

  it.each([
    [0, 2.996],
    [1, 4.744],
    [5, 10.513],
  ])("the upper limit of a Poisson mean after %i events is %d", (count, limit) => {
    expect(poissonUpper(count)).toBeCloseTo(limit, 2);
  });
});
