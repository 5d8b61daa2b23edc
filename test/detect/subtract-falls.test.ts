/** What a known fall is taken out of the statistics for: nothing of it may speak of another. */
import { describe, expect, it } from "vitest";
import { bankMaker } from "../../src/detect/filter/bank.ts";
import { fastScale } from "../../src/detect/model/time-scales.ts";
import { advanceScale, makeScale } from "../../src/detect/statistics/accumulate.ts";
import { statisticsWithout } from "../../src/detect/statistics/subtract-falls.ts";
import { seededRandom } from "../support/random.ts";

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
