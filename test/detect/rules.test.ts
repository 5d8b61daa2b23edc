/** Small rules, each in a table. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { raisedSeverity, severityOf } from "../../src/detect/alerts/severity.ts";
import { logThreshold } from "../../src/detect/decide/threshold.ts";
import { dropInterval } from "../../src/detect/estimate/drop-interval.ts";
import { remainingFraction } from "../../src/detect/estimate/remaining.ts";
import {
  correct,
  fallResponse,
  gainAfter,
  predict,
  steadyFilter,
  suddenResponse,
} from "../../src/detect/filter/kalman.ts";
import { emptyNulls, rowRatio, setNull } from "../../src/detect/hypotheses/likelihood.ts";
import { DROPS } from "../../src/detect/model/grids.ts";
import { admit, better, emptyGateRow, frozenAfter, type Refusal } from "../../src/detect/quality/gate.ts";
import { poissonUpper } from "../../src/detect/replay/calibration.ts";
import { makeTickBuffer } from "../../src/detect/replay/tick-buffer.ts";
import type { RateSample } from "../../src/model/sample.ts";
import { formatSampleLine, parseSampleLine } from "../../src/model/sample-line.ts";
import { SEED } from "../support/property-seed.ts";

const INTERVAL = 300_000;
const T0 = 1_641_000_000_000;

describe("the quality gate", () => {
  const row = (hashrate: number, extra: Partial<RateSample> = {}): RateSample => ({
    kind: "rate",
    at: T0,
    pool: "a",
    hashrate,
    ...extra,
  });
  it.each<[string, RateSample, Refusal | null]>([
    ["an ordinary figure", row(1.02e19), null],
    ["half of it, held until it stands", row(0.5e19), "step"],
    ["a thousandth", row(1e16), "unit"],
    ["a thousand times", row(1e22), "unit"],
    ["a millionth", row(1.2e13), "unit"],
    ["zero", row(0), "zero"],
    ["less than zero", row(-1), "negative"],
    ["not a number", row(Number.NaN), "not-a-number"],
    ["infinite", row(Number.POSITIVE_INFINITY), "not-a-number"],
    ["from the future", row(1e19, { observedAt: T0 + 2 * INTERVAL }), "future"],
    ["from before the last one", row(1.1e19, { observedAt: T0 - 100 * INTERVAL }), "backward"],
  ])("judges %s", (_, sample, refusal) => {
    const gate = emptyGateRow();
    admit(gate, { ...row(1e19), at: T0 - INTERVAL, observedAt: T0 - INTERVAL }, T0 - INTERVAL, INTERVAL);
    const figure = admit(gate, sample, T0, INTERVAL);
    expect(gate.refusal).toBe(refusal);
    expect(Number.isNaN(figure)).toBe(refusal !== null);
  });

  it("takes a new unit for the truth after a day of it", () => {
    const gate = emptyGateRow();
    for (let k = 0; k < 10; k++) admit(gate, row(1e19 + k * 1e15), T0, INTERVAL);
    let figure = Number.NaN;
    for (let k = 0; k < 288; k++) figure = admit(gate, row(1e16 + k * 1e12), T0, INTERVAL);
    expect(figure).toBeGreaterThan(0);
  });

  it("calls a source frozen sooner the less it repeats itself by habit", () => {
    expect(frozenAfter(0.0001)).toBe(2);
    expect(frozenAfter(0.5)).toBe(20);
  });

  it("learns that a source of two digits repeats itself", () => {
    const gate = emptyGateRow();
    let stale = 0;
    for (let k = 0; k < 2000; k++) {
      admit(gate, row(Number((1e19 * (1 + 0.03 * Math.sin(k / 9))).toPrecision(2))), T0 + k * INTERVAL, INTERVAL);
      if (k > 1000 && gate.refusal === "stale") stale += 1;
    }
    expect(stale).toBe(0);
  });

  it("prefers what the pool reports to what is derived, then the newest; either order", () => {
    const derived = row(2e19, { basis: "block-derived", observedAt: T0 });
    const reported = row(1e19, { observedAt: T0 - INTERVAL });
    expect(better(derived, reported)).toBe(reported);
    expect(better(reported, derived)).toBe(reported);
    const newer = row(3e19, { observedAt: T0 });
    expect(better(newer, reported)).toBe(newer);
  });
});

describe("the whitening filter", () => {
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

describe("figures", () => {
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

  it("an interval of the drop holds its estimate and never passes 1", () => {
    for (let top = 0; top < DROPS.length; top++) {
      const mass = Float64Array.from(DROPS, (_, k) => (k === top ? 0.8 : Math.abs(k - top) === 1 ? 0.1 : 0));
      const { estimate, low, high } = dropInterval(mass);
      expect(low).toBeLessThan(estimate);
      expect(high).toBeGreaterThan(estimate);
      expect(high).toBeLessThanOrEqual(1);
    }
  });

  it("what remains of a fall is not moved by one pool's own trouble", () => {
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
  ])("what remains of a fall that %s is not moved by a dip of everything", (_, left) => {
    const dip = 0.03;
    const rows = Array.from({ length: 10 }, (_, k) => {
      const fall = k < 6 ? 0.2 + 0.15 * k : 0;
      return { fall, base: 10, present: left * fall + dip * 10, sd: 0.05 };
    });
    const found = remainingFraction(rows)!;
    expect(found.fraction).toBeCloseTo(left, 1);
    expect(found.common).toBeCloseTo(dip, 2);
  });

  it.each([
    [0.12, 0.95, "critical"],
    [0.12, 0.5, "warning"],
    [0.02, 0.95, "warning"],
    [0.005, 0.99, "info"],
  ] as const)("a share of %d with probability %d is %s", (share, probability, severity) => {
    expect(severityOf({ criticalShare: 0.05, warningShare: 0.015, minProbability: 0.8 }, share, probability)).toBe(
      severity,
    );
  });

  it("severity rises with time and never falls", () => {
    expect(raisedSeverity("critical", "info", 60)).toBe("critical");
    expect(raisedSeverity("info", "info", 90_000)).toBe("warning");
    expect(raisedSeverity("warning", "warning", 90_000)).toBe("critical");
  });
});

describe("lines and ticks", () => {
  it("a sample that is written is read back the same", () => {
    const sample = fc.record({
      kind: fc.constant("rate" as const),
      at: fc.integer({ min: 0, max: 4e12 }).map((at) => at - (at % 1000)),
      pool: fc.string({ minLength: 1, maxLength: 64 }),
      hashrate: fc.double({ min: 0, max: 1e22, noNaN: true }),
    });
    fc.assert(
      fc.property(sample, (value) => {
        const read = parseSampleLine(formatSampleLine(value, { network: "bitcoin" }));
        expect(read).toEqual({
          ok: true,
          sample: value.hashrate === 0 ? { ...value, hashrate: 0 } : value,
          network: "bitcoin",
        });
      }),
      { seed: SEED },
    );
    const tick = parseSampleLine('{"at":"2022-01-05T10:30:00Z","tick":true}');
    expect(tick).toEqual({ ok: true, sample: { kind: "tick", at: Date.UTC(2022, 0, 5, 10, 30) } });
  });

  it("ticks come whole and in order whatever the order within two intervals", () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8], { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(order, (keys) => {
        const buffer = makeTickBuffer(INTERVAL);
        const ticks: number[] = [];
        for (let block = 0; block < 30; block++) {
          for (const key of keys) {
            const at = (block * 3 + (key % 3) + 1) * INTERVAL;
            expect(buffer.add({ kind: "rate", at, pool: `p${key}`, hashrate: 1 })).toBe("kept");
          }
          ticks.push(...buffer.ready().map((tick) => tick.at / INTERVAL));
        }
        ticks.push(...buffer.flush().map((tick) => tick.at / INTERVAL));
        expect(ticks).toEqual(Array.from({ length: 90 }, (_, k) => k + 1));
      }),
      { seed: SEED },
    );
  });
});
