/** The keys of `detection` that turn the detector: what it is handed, and what the hash of a configuration makes of them. */
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/load.ts";

const read = (keys: string) =>
  parseConfig(`networks: {bitcoin: {detection: {${keys}}, pools: {a: {window: 1h, regions: {KZ: 0.2, US: 0.3}}}}}`, {
    file: "test.yaml",
    env: {},
  });

const KEYS: readonly (readonly [key: string, value: string, usual: string, handed: object])[] = [
  ["nameProbability", "0.9", "0.8", { nameProbability: 0.9 }],
  ["margin", "{fast: 4}", "{fast: 2, slow: 3}", { margin: { fast: 4, slow: 3 } }],
  ["patience", "{fast: 5m}", "{fast: 30m, slow: 1d}", { patienceSeconds: { fast: 300, slow: 86_400 } }],
  ["levelCheck", "0", "0.45", { levelCheck: 0 }],
  [
    "dailyHabit",
    "{withhold: false}",
    "{withhold: true, ofLastThree: 2, ofLastSeven: 3}",
    { dailyHabit: { withhold: false, ofLastThree: 2, ofLastSeven: 3 } },
  ],
  ["severity", "{raiseAfter: 1h}", "{raiseAfter: 24h}", { severity: { criticalShare: 0.05, raiseAfterSeconds: 3600 } }],
  ["newRegimeAfter", "7d", "14d", { newRegimeAfterSeconds: 604_800 }],
];

describe("detection", () => {
  it.each(KEYS)("%s: %s is handed to the detector and changes the hash", (key, value, _, handed) => {
    const config = read(`${key}: ${value}`);
    expect(config.networks[0]?.model.detection).toMatchObject(handed);
    expect(config.hash).not.toBe(read("").hash);
  });

  it.each(KEYS)("%s written out as it is by default changes nothing", (key, _, usual) => {
    const { networks, hash } = read(`${key}: ${usual}`);
    expect([networks[0]?.model, hash]).toEqual([read("").networks[0]?.model, read("").hash]);
  });

  it("hands the detector nothing of what has its default, so that a new key changes no configuration's hash", () => {
    expect(read("").networks[0]?.model.detection).toEqual({
      falseAlarmsPerMonth: 0.1,
      newRegimeAfterSeconds: 1_209_600,
      witnesses: "evidence",
      severity: { criticalShare: 0.05, warningShare: 0.015, minProbability: 0.8 },
    });
  });

  it.each([
    ["nameProbability: 0.4", "0.5 to 0.999"],
    ["nameProbability: 1", "0.5 to 0.999"],
    ["margin: {fast: -1}", "0 to 20"],
    ["patience: {fast: 7h}", "0s to 6h"],
    ["patience: {slow: 1h}", "6h to 14d"],
    ["levelCheck: 1", "0 to 0.9"],
    ["dailyHabit: {ofLastThree: 4}", "1 to 3"],
    ["dailyHabit: {ofLastSeven: 0}", "1 to 7"],
    ["severity: {raiseAfter: 1m}", "10m to 30d"],
  ])("%s is refused, and the message says what is allowed", (keys, allowed) => {
    expect(() => read(keys)).toThrow(allowed);
  });
});
