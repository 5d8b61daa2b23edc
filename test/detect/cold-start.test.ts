import { describe, expect, it } from "vitest";
import { createDetector } from "../../src/detect/detector.ts";
import { HashfallError } from "../../src/model/errors.ts";
import { opened, run } from "./run.ts";
import { HOUR, INTERVAL, modelOf, POOLS, START, world } from "./world.ts";

describe("cold start", () => {
  it("is a state with the time left, and raises nothing", () => {
    const fall = { region: "KZ", drop: 0.8, from: 10, until: 40 };
    const { events, views } = run(modelOf(), world({ seed: 41, days: 1, falls: [fall] }));
    expect(opened(events)).toEqual([]);
    expect(views.every((view) => view.state === "warming" || view.at >= START + 24 * HOUR)).toBe(true);
    expect(views[20]!.warmAt! - START).toBe(24 * HOUR + INTERVAL);
    expect(views[20]!.pools[0]).toMatchObject({ state: "warming" });
  });

  it("lasts at most 24 hours of rows", () => {
    const { views } = run(modelOf(), world({ seed: 42, days: 1.1 }));
    expect(views.at(-1)!.state).toBe("ok");
  });

  it("is filled by history: rows marked as back-filled warm and raise nothing", () => {
    const fall = { region: "KZ", drop: 0.8, from: 30, until: 60 };
    const ticks = [...world({ seed: 43, days: 1.4, falls: [fall] })].map((tick) => ({
      at: tick.at,
      rows: tick.rows.map((row) => ({ ...row, backfilled: true })),
    }));
    const { events, views } = run(modelOf(), ticks);
    expect(events).toEqual([]);
    expect(views.at(-1)!.state).toBe("ok");
  });

  it("of a pool that is new in the configuration leaves the others warm", () => {
    const before = modelOf(POOLS.slice(0, 9));
    const after = modelOf();
    const first = createDetector(before);
    let state = first.initial();
    const ticks = [...world({ seed: 44, days: 2 })];
    for (const tick of ticks.slice(0, 400)) {
      state = first.advance(state, { at: tick.at, rows: tick.rows.filter((row) => row.pool !== "juliet") }).state;
    }
    const second = createDetector(after);
    const moved = second.decode(first.encode(state));
    const { view } = second.advance(moved, ticks[400]!);
    expect(view.state).toBe("ok");
    expect(view.pools.find((pool) => pool.pool === "juliet")!.state).toBe("warming");
    expect(view.pools.find((pool) => pool.pool === "alpha")!.state).toBe("ok");
  });
});

describe("a state", () => {
  it("refuses a tick that is not after its last one", () => {
    const detector = createDetector(modelOf());
    const [tick] = world({ seed: 45, days: 0.01 });
    const { state } = detector.advance(detector.initial(), tick!);
    expect(() => detector.advance(state, tick!)).toThrow(expect.objectContaining({ code: "TICK_ORDER" }));
    expect(() => detector.advance(state, { at: tick!.at + 1, rows: [] })).toThrow(HashfallError);
  });

  it.each([
    ["nothing", new Uint8Array()],
    ["something else", new TextEncoder().encode("{}{}{}{}{}{}")],
    ["a cut state", createDetector(modelOf()).encode(createDetector(modelOf()).initial()).subarray(0, 2000)],
  ])("is not read from %s", (_, bytes) => {
    expect(() => createDetector(modelOf()).decode(bytes)).toThrow(
      expect.objectContaining({ code: "STATE_UNREADABLE" }),
    );
  });

  it("jumps a gap of months in bounded time and goes on", () => {
    const detector = createDetector(modelOf());
    let state = detector.initial();
    for (const tick of world({ seed: 46, days: 1.5 })) state = detector.advance(state, tick).state;
    const [later] = world({ seed: 47, days: 0.01 });
    const at = START + 400 * 24 * HOUR;
    const { view } = detector.advance(state, { at, rows: later!.rows.map((row) => ({ ...row, at })) });
    expect(view.at).toBe(at);
  });
});
