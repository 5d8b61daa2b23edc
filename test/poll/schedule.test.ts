import { validate } from "node-cron";
import { describe, expect, it } from "vitest";
import { scaledClocks, systemClocks } from "../../src/model/clock.ts";
import { scheduleOf } from "../../src/poll/schedule.ts";

const MINUTE = 60_000;
const TICK = Date.UTC(2026, 0, 1, 12);

describe("the schedule", () => {
  it.each([
    [10_000, "*/10 * * * * *"],
    [30_000, "*/30 * * * * *"],
    [MINUTE, "0 */1 * * * *"],
    [5 * MINUTE, "0 */5 * * * *"],
    [60 * MINUTE, "0 0 * * * *"],
  ])("of %i ms is %s", (interval, cron) => {
    const plan = scheduleOf(interval, systemClocks());
    expect(plan.cron).toBe(cron);
    expect(validate(plan.cron)).toBe(true);
    expect(plan.delayMs()).toBe(0);
  });

  it.each([[7 * MINUTE], [45_000], [90_000], [120 * MINUTE], [500]])("of %i ms is refused", (interval) => {
    expect(() => scheduleOf(interval, systemClocks())).toThrow(
      expect.objectContaining({ code: "INTERVAL_UNSCHEDULABLE" }),
    );
  });

  it("of a demo looks every second, and waits for the boundary of its scaled tick", () => {
    const now = Date.now();
    const clocks = scaledClocks({ realStart: now, dataStart: TICK - 30_000, speed: 60 });
    const plan = scheduleOf(5 * MINUTE, clocks);
    expect(plan.cron).toBe("* * * * * *");
    // Half a minute of data is half a second here.
    expect(plan.delayMs()).toBeGreaterThan(300);
    expect(plan.delayMs()).toBeLessThan(700);
    expect(() => scheduleOf(5 * MINUTE, { ...clocks, speed: 600 })).toThrow(/allowed is a second/);
  });
});
