import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { watchClockSkew } from "../../src/runtime/clock-skew.ts";

const NOW = Date.UTC(2026, 0, 1);

/** A watch that looks every millisecond at a server whose clock is `behindMs` behind ours. */
function watch(clock: { behindMs: number | null }) {
  const lines: { level: number; msg: string }[] = [];
  const logger = pino({ level: "info" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  let looks = 0;
  const skew = watchClockSkew(
    { everyMs: 1 },
    {
      real: { now: () => NOW },
      logger,
      async time() {
        looks++;
        if (clock.behindMs === null) throw new Error("Redis is away");
        const ms = NOW - clock.behindMs;
        return [String(Math.floor(ms / 1000)), String((ms % 1000) * 1000)];
      },
    },
  );
  const looked = async (): Promise<void> => {
    const until = looks + 2;
    await expect.poll(() => looks, { interval: 1 }).toBeGreaterThanOrEqual(until);
  };
  return { skew, lines, looked };
}

describe("the clock of this machine against the clock of Redis", () => {
  it.each([
    [61_000, "61 s ahead of"],
    [-3_600_000, "3600 s behind"],
  ])("is warned of once when they are %i ms apart, and said when they agree again", async (behindMs, how) => {
    const clock: { behindMs: number | null } = { behindMs };
    const { skew, lines, looked } = watch(clock);
    await looked();
    expect(skew.warning()).toBe(`this machine's clock is ${how} the clock of Redis`);
    clock.behindMs = 0;
    await looked();
    expect(skew.warning()).toBeNull();
    await skew.stop();
    expect(lines.map(({ level }) => level)).toEqual([40, 30]);
  });

  it.each([0, 59_000, -59_000])("is nothing to say at %i ms", async (behindMs) => {
    const { skew, lines, looked } = watch({ behindMs });
    await looked();
    expect(skew.warning()).toBeNull();
    await skew.stop();
    expect(lines).toEqual([]);
  });

  it("is not known while Redis is away: what was found before stands", async () => {
    const clock: { behindMs: number | null } = { behindMs: 90_000 };
    const { skew, looked } = watch(clock);
    await looked();
    clock.behindMs = null;
    await looked();
    expect(skew.warning()).toContain("90 s ahead");
    await skew.stop();
  });
});
