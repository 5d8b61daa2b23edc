import { describe, expect, it } from "vitest";
import type { AlertEvent } from "../../src/model/alert.ts";
import { sentence, subjectOf } from "../../src/model/alert-subject.ts";
import { formatAge, formatHashrate, formatProbability, formatShare } from "../../src/model/format.ts";

describe("figures for people", () => {
  it.each([
    [2.9e20, "290 EH/s"],
    [1.234e18, "1.23 EH/s"],
    [9.999e17, "1 EH/s"],
    [0, "0 H/s"],
    [512, "512 H/s"],
    [0.3, "0.3 H/s"],
    [-2.1e19, "-21 EH/s"],
    [7.8e26, "780 YH/s"],
  ])("%d H/s is %s", (hashrate, text) => expect(formatHashrate(hashrate)).toBe(text));

  it.each([
    [0.378, "38 %"],
    [0.0248, "2.5 %"],
    [0, "0 %"],
    [1, "100 %"],
  ])("a share of %d is %s", (share, text) => expect(formatShare(share)).toBe(text));

  it.each([
    [45_000, "45 s old"],
    [720_000, "12 min old"],
    [3_600_000, "1 h old"],
    [4_800_000, "1 h 20 min old"],
    [12_600_000, "3 h 30 min old"],
    [86_390_000, "1 d old"],
    [4 * 86_400_000, "4 d old"],
    [99 * 3_600_000, "4 d 3 h old"],
    [0, "0 s old"],
    [-400, "0 s old"],
    [-30_000, "30 s ahead"],
  ])("an age of %d ms is %s", (ms, text) => expect(formatAge(ms)).toBe(text));

  it.each([
    [0.97, "97 %"],
    [0.999, "over 99 %"],
    [1, "over 99 %"],
    [0.05, "5 %"],
    [0, "under 1 %"],
  ])("a probability of %d is %s", (probability, text) => expect(formatProbability(probability)).toBe(text));
});

describe("whom an alert is about", () => {
  const base = { network: "bitcoin", region: null } as const;
  it.each<[Parameters<typeof subjectOf>[0], string]>([
    [{ ...base, scope: "region", region: "KZ" }, "KZ"],
    [{ ...base, scope: "pool", pool: "antpool" }, "pool antpool"],
    [{ ...base, scope: "network" }, "network bitcoin"],
    [{ ...base, scope: "source", source: "mempool" }, "source mempool"],
    [{ ...base, scope: "source", source: null }, "network bitcoin"],
    [{ ...base, scope: "region", candidates: [] }, "an unnamed region"],
    [
      {
        ...base,
        scope: "region",
        candidates: [
          { region: "KZ", probability: 0.6 },
          { region: "RU", probability: 0.35 },
          { region: "US", probability: 0.05 },
        ] as AlertEvent["candidates"],
      },
      "KZ or RU",
    ],
  ])("%j is %s", (alert, text) => expect(subjectOf(alert)).toBe(text));

  it("shows regions by the names that a caller has for them, and begins sentences with a capital", () => {
    expect(subjectOf({ ...base, scope: "region", region: "KZ" }, () => "Kazakhstan")).toBe("Kazakhstan");
    expect(sentence("pool antpool")).toBe("Pool antpool");
  });
});
