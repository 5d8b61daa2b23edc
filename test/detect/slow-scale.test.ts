import { describe, expect, it } from "vitest";
import { bankMaker } from "../../src/detect/filter/bank.ts";
import { slowScale } from "../../src/detect/model/time-scales.ts";
import { advanceScale, makeScale } from "../../src/detect/statistics/accumulate.ts";
import { seededRandom } from "../support/random.ts";

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
