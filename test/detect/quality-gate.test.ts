/** Which figures the gate lets through, and what it calls those that it does not. */
import { describe, expect, it } from "vitest";
import { admit, better, emptyGateRow, frozenAfter, type Refusal } from "../../src/detect/quality/gate.ts";
import type { RateSample } from "../../src/model/sample.ts";

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
