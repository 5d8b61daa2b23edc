import { describe, expect, it } from "vitest";
import { askingPeriodMs, dueSources } from "../../src/poll/due.ts";

const MINUTE = 60_000;
const TICK = Date.UTC(2026, 0, 1, 12);

describe("which sources are due", () => {
  it.each([
    [60_000, 5, 5],
    [5 * MINUTE, 5, 5],
    [6 * MINUTE, 5, 10],
    [15 * MINUTE, 5, 15],
    [60 * MINUTE, 5, 60],
    [10_000, 1, 1],
  ])("a source of %i ms at ticks of %i minutes is asked every %i", (minIntervalMs, tick, expected) => {
    expect(askingPeriodMs(minIntervalMs, tick * MINUTE)).toBe(expected * MINUTE);
  });

  it("the tick alone decides, so every replica and every restart asks the same", () => {
    const source = { minIntervalMs: 15 * MINUTE };
    const asked = Array.from({ length: 288 }, (_, i) => TICK + i * 5 * MINUTE).filter(
      (tick) => dueSources([source], tick, 5 * MINUTE).length > 0,
    );
    expect(asked.length).toBe(96);
    expect(asked.slice(1).every((tick, i) => tick - asked[i]! === 15 * MINUTE)).toBe(true);
  });
});
