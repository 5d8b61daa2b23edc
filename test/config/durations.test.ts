import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "../../src/config/schema/durations.ts";
import { SEED } from "../support/property-seed.ts";

describe("a duration", () => {
  it.each([
    ["300s", 300_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["30d", 2_592_000_000],
    ["1.5h", 5_400_000],
  ])("%s is %d ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(["", "5", "m", "5 m", "-5m", "5min", "1e3s", "5M", "٥m", " 5m"])("%j is none", (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it("reads back what it writes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e8 }), (s) => parseDuration(formatDuration(s * 1000)) === s * 1000),
      { seed: SEED },
    );
  });
});
