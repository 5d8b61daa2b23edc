import { describe, expect, it } from "vitest";
import { type ClockLeg, makeWaitingClock, timeOf } from "../../src/simulate/waiting-clock.ts";

const INTERVAL_MS = 300_000;
const TICK = Date.parse("2022-01-05T08:00:00Z");
const SPEED = 300;

/** A demo that starts at a tick, with a real clock that a test moves, and what its simulator was told. */
function demo() {
  let now = 1_000_000;
  const legs: ClockLeg[] = [];
  const clock = makeWaitingClock(
    { leg: { realStart: now, dataStart: TICK, until: null }, speed: SPEED, intervalMs: INTERVAL_MS },
    { real: { now: () => now }, tell: (leg) => void legs.push(leg) },
  );
  return {
    ...clock,
    legs,
    pass: (ms: number) => {
      now += ms;
    },
    /** Ticks since the start, as fractions. */
    ticks: () => (clock.clocks.data.now() - TICK) / INTERVAL_MS,
    simulator: () => (timeOf(legs.at(-1)!, SPEED, now) - TICK) / INTERVAL_MS,
  };
}

describe("a demo's time", () => {
  it("runs as fast as it is told while every tick is decided in time", () => {
    const { decided, pass, ticks } = demo();
    for (let tick = 1; tick <= 20; tick++) {
      pass(1_000);
      expect(ticks()).toBeCloseTo(tick);
      pass(200);
      decided(TICK + tick * INTERVAL_MS);
      pass(-200);
    }
  });

  it("waits half an interval after a tick that is not decided, and goes on from there", () => {
    const { decided, pass, ticks } = demo();
    pass(60_000);
    expect(ticks()).toBe(1.5);
    decided(TICK + INTERVAL_MS);
    expect(ticks()).toBe(1.5);
    pass(500);
    expect(ticks()).toBeCloseTo(2);
    pass(60_000);
    expect(ticks()).toBe(2.5);
  });

  it("is the same in the simulator at every moment", () => {
    const { decided, pass, ticks, simulator } = demo();
    for (const [i, ms] of [300, 5_000, 10, 900, 2_500, 1, 7_000].entries()) {
      pass(ms);
      expect(simulator()).toBe(ticks());
      decided(TICK + (i + 1) * INTERVAL_MS);
      expect(simulator()).toBe(ticks());
    }
  });

  it("does not stand still for ever when nobody decides", () => {
    const { look, pass, ticks } = demo();
    pass(15_000);
    look();
    expect(ticks()).toBe(1.5);
    pass(10_000);
    look();
    pass(1_000);
    expect(ticks()).toBe(2.5);
  });

  it("never goes back, whatever was decided late or twice", () => {
    const { decided, pass, ticks } = demo();
    pass(1_500);
    decided(TICK + 2 * INTERVAL_MS);
    decided(TICK + INTERVAL_MS);
    pass(1_000);
    const before = ticks();
    decided(TICK + INTERVAL_MS);
    expect(ticks()).toBe(before);
  });
});
