import { describe, expect, it } from "vitest";
import { toSamples } from "../../src/poll/to-samples.ts";
import type { RateObservation } from "../../src/sources/contract.ts";

const MINUTE = 60_000;
const TICK = Date.UTC(2026, 0, 1, 12);

const rate: RateObservation = {
  kind: "rate",
  pool: "p",
  region: null,
  hashrate: 5e18,
  window: { kind: "sliding", seconds: 600 },
  basis: "pool-reported",
  staleAfterMs: 10 * MINUTE,
  observedAtBasis: "body",
  raw: { text: "5", unit: "EH/s" },
};

describe("observations become samples", () => {
  const at = { tick: TICK, now: TICK + 2_000 };

  it("of their tick, with the upstream's own time, window and basis", () => {
    const { samples } = toSamples("ocean", [{ ...rate, observedAt: TICK - MINUTE, region: "EU" }], at);
    expect(samples).toEqual([
      {
        kind: "rate",
        at: TICK,
        pool: "p",
        source: "ocean",
        observedAt: TICK - MINUTE,
        hashrate: 5e18,
        basis: "pool-reported",
        region: "EU",
        windowSeconds: 600,
      },
    ]);
  });

  it.each([
    ["a stale figure", { observedAt: TICK - 11 * MINUTE }, "stale"],
    ["a time in the future", { observedAt: TICK + 5 * MINUTE }, "future"],
    ["unknown", { hashrate: null }, "unknown"],
    ["no number", { hashrate: Number.NaN }, "unknown"],
  ])("%s is counted and becomes nothing", (_, change, reason) => {
    const { samples, skipped } = toSamples("s", [{ ...rate, ...change }], at);
    expect(samples).toEqual([]);
    expect(skipped).toEqual({ [reason]: 1 });
  });

  it("zero stays zero where the source said it, and no time is made up", () => {
    const [sample] = toSamples("s", [{ ...rate, hashrate: 0, observedAtBasis: "fetch-time" }], at).samples;
    expect(sample).toMatchObject({ hashrate: 0 });
    expect(sample?.observedAt).toBeUndefined();
  });

  it("a block's header time may be old or ahead of ours: it is a block all the same", () => {
    const block = {
      kind: "block",
      pool: "p",
      height: 5,
      difficulty: 1,
      observedAtBasis: "body",
      staleAfterMs: 1,
      raw: rate.raw,
    } as const;
    for (const observedAt of [TICK - 9 * 60 * MINUTE, TICK + 90 * MINUTE]) {
      expect(toSamples("s", [{ ...block, observedAt }], at).samples).toMatchObject([
        { kind: "block", at: TICK, observedAt },
      ]);
    }
  });
});
