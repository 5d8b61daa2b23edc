import { describe, expect, it } from "vitest";
import { createBlockEvidence } from "../../../src/detect/blocks/block-evidence.ts";
import { HashfallError } from "../../../src/model/errors.ts";
import { chain, DAY, HOUR, modelOf, POOLS, START } from "./chain-world.ts";

const evidence = createBlockEvidence(modelOf());

describe("state as bytes", () => {
  const blocks = chain({ seed: 31, days: 26 });
  const half = blocks.filter(({ at }) => at <= START + 22 * DAY);
  const rest = blocks.slice(half.length);

  it("is small, comes back the same, and goes on bit for bit as if it had stayed in memory", () => {
    const stayed = evidence.initial();
    evidence.observe(stayed, START + 22 * DAY, half);
    evidence.hold(stayed, { region: "EA", drop: 0.37, since: START + 20 * DAY + 1 });
    evidence.hold(stayed, { region: "WE", drop: 0.2, since: START + 21 * DAY });
    evidence.end(stayed, "WE", { kind: "recovered", endedAt: START + 21.5 * DAY });
    const bytes = evidence.encode(stayed);
    expect(bytes.length).toBeLessThan(12_000);
    const read = evidence.decode(bytes);
    expect(evidence.encode(read)).toEqual(bytes);
    expect(evidence.due(read, START)).toBe(true);
    for (const row of rest) {
      evidence.observe(stayed, row.at, [row]);
      evidence.observe(read, row.at, [row]);
    }
    const at = rest.at(-1)!.at;
    expect(evidence.evaluate(read, at)).toEqual(evidence.evaluate(stayed, at));
    expect(evidence.held(read)).toEqual([{ region: "EA", drop: 0.37, since: START + 20 * DAY + 1 }]);
    expect(evidence.encode(read)).toEqual(evidence.encode(stayed));
  });

  it("does not depend on how ticks cut the rows", () => {
    const [whole, hourly] = [evidence.initial(), evidence.initial()];
    evidence.observe(whole, START + 22 * DAY, half);
    for (let at = START; at <= START + 22 * DAY; at += HOUR) {
      evidence.observe(
        hourly,
        at,
        half.filter((row) => row.at > at - HOUR && row.at <= at),
      );
    }
    expect(evidence.encode(hourly)).toEqual(evidence.encode(whole));
  });

  it("keeps pools by name when the configuration changes; those that are gone count as exposure", () => {
    const state = evidence.initial();
    evidence.observe(state, START + 22 * DAY, half);
    const onset = START + 19 * DAY;
    const before = new Map(evidence.counts(state, onset).map((count) => [count.pool, count]));
    const { alpha: _gone, ...others } = POOLS;
    const changed = createBlockEvidence(modelOf({ fresh: { share: 0.1, regions: { EA: 1 } }, ...others }));
    const moved = changed.decode(evidence.encode(state));
    const after = changed.counts(moved, onset);
    expect(after.map(({ pool }) => pool)).toEqual(["fresh", "beta", "gamma", "delta", "epsilon", "zeta"]);
    for (const count of after.slice(1)) expect(count).toEqual(before.get(count.pool));
    expect(after[0]).toMatchObject({ observed: 0 });
    expect(after[0]!.expected).toBeLessThan(1);
  });

  it.each([
    ["nothing", new Uint8Array()],
    ["another mark", new TextEncoder().encode("HFS1 something else")],
    ["a head that is no JSON", new Uint8Array([0x48, 0x46, 0x42, 0x31, 2, 0, 0, 0, 0x7b, 0x7b])],
    ["a head without pools", new Uint8Array([0x48, 0x46, 0x42, 0x31, 2, 0, 0, 0, 0x7b, 0x7d])],
  ])("refuses %s", (_what, bytes) => {
    expect(() => evidence.decode(bytes)).toThrow(expect.objectContaining({ code: "STATE_UNREADABLE" }));
  });

  it("refuses a state that was cut short anywhere", () => {
    const state = evidence.initial();
    evidence.observe(
      state,
      START + DAY,
      blocks.filter(({ at }) => at <= START + 0.5 * DAY),
    );
    const bytes = evidence.encode(state);
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => evidence.decode(bytes.subarray(0, length)), `${length} bytes`).toThrow(HashfallError);
    }
  });

  it("stays bounded on a chain that is far too fast", () => {
    const fast = createBlockEvidence(modelOf(POOLS, { blockIntervalSeconds: 15 }));
    const state = fast.initial();
    for (let hour = 0; hour < 100; hour++) {
      const rows = Array.from({ length: 240 }, (_, i) => ({
        kind: "block" as const,
        at: START + hour * HOUR + i * 15_000,
        pool: i % 2 === 0 ? "alpha" : "delta",
        height: hour * 240 + i,
        difficulty: 1e9 + hour,
      }));
      fast.observe(state, START + (hour + 1) * HOUR, rows);
    }
    expect(fast.encode(state).length).toBeLessThan(60_000);
  });
});
