/** The ring of levels half an hour apart that days are compared by, and states from before there was one. */
import { describe, expect, it } from "vitest";
import { compile } from "../../src/detect/network-model.ts";
import { decodeState, encodeState } from "../../src/detect/state/codec.ts";
import { daysShape, keepDays, levelAt } from "../../src/detect/state/history.ts";
import { forgetRows, growRows, initialState } from "../../src/detect/state/initial.ts";
import type { DetectorState } from "../../src/detect/state/state.ts";
import { HOUR, MINUTE, modelOf, POOLS, START } from "./world.ts";

const DAY = 24 * HOUR;
const compiled = compile(modelOf(POOLS.slice(0, 2)));

/** Rows whose level is the hour since the start, and ten times that. */
function fill(state: DetectorState, from: number, until: number, intervalMinutes = 5): void {
  const shape = daysShape(intervalMinutes * 60);
  for (let at = from; at <= until; at += intervalMinutes * MINUTE) {
    state.recent.set([(at - START) / HOUR, (10 * (at - START)) / HOUR]);
    state.recentAt.fill(at);
    keepDays(state, at, shape);
  }
}

describe("levels of earlier days", () => {
  const shape = daysShape(300);

  it("are those at the end of every half-hour, for eight days", () => {
    const state = initialState(compiled);
    fill(state, START + 5 * MINUTE, START + 10 * DAY);
    expect(levelAt(state, shape, 0, START + 10 * DAY)).toBe(240);
    expect(levelAt(state, shape, 1, START + 9 * DAY + 30 * MINUTE)).toBe(2165);
    expect(levelAt(state, shape, 0, START + 2 * DAY + 30 * MINUTE)).toBe(48.5);
    expect(levelAt(state, shape, 0, START + 2 * DAY)).toBeNaN();
    expect(levelAt(state, shape, 0, START + 10 * DAY + 30 * MINUTE)).toBeNaN();
  });

  it.each([1, 5, 10, 15, 20, 30, 60])("come at an interval of %i minutes too", (minutes) => {
    const every = daysShape(minutes * 60);
    const state = initialState(compiled);
    fill(state, START + minutes * MINUTE, START + 2 * DAY, minutes);
    for (let time = START + HOUR; time <= START + 2 * DAY; time += HOUR) {
      expect(levelAt(state, every, 0, time)).toBeCloseTo((time - START) / HOUR, 3);
    }
  });

  it("are unknown where nothing was heard", () => {
    const state = initialState(compiled);
    fill(state, START + 5 * MINUTE, START + DAY);
    fill(state, START + DAY + 6 * HOUR, START + 2 * DAY);
    expect(levelAt(state, shape, 0, START + DAY)).toBe(24);
    expect(levelAt(state, shape, 0, START + DAY + HOUR)).toBeNaN();
    expect(levelAt(state, shape, 0, START + 2 * DAY)).toBe(48);
  });

  it("stay with their rows when others come, and go when a row begins anew", () => {
    const state = initialState(compiled);
    fill(state, START + 5 * MINUTE, START + DAY);
    const wide = growRows(compiled, state, [{ pool: "alpha", region: "US" }]);
    expect([0, 1, 2].map((row) => levelAt(wide, shape, row, START + DAY))).toEqual([24, 240, Number.NaN]);
    forgetRows(wide, [0]);
    expect([0, 1, 2].map((row) => levelAt(wide, shape, row, START + DAY))).toEqual([Number.NaN, 240, Number.NaN]);
  });
});

/** The bytes as a version wrote them that knew neither days nor windows: their sections are the last two. */
function withoutDays(bytes: Uint8Array): Uint8Array {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, unknown>;
  const lengths = head.lengths as number[];
  const padded = (size: number): number => Math.ceil(size / 8) * 8;
  const numbers = bytes.subarray(
    padded(8 + length),
    bytes.length - padded(4 * lengths.at(-1)!) - padded(4 * lengths.at(-2)!),
  );
  const { daysAt: _, withheld: __, windows: ___, ...rest } = head;
  const text = new TextEncoder().encode(JSON.stringify({ ...rest, lengths: lengths.slice(0, -2) }));
  const start = Math.ceil((8 + text.length) / 8) * 8;
  const old = new Uint8Array(start + numbers.length);
  old.set(bytes.subarray(0, 4));
  new DataView(old.buffer).setUint32(4, text.length, true);
  old.set(text, 8);
  old.set(numbers, start);
  return old;
}

describe("a state", () => {
  it("keeps them when it is encoded and read back", () => {
    const state = initialState(compiled);
    fill(state, START + 5 * MINUTE, START + DAY);
    const again = decodeState(compiled, encodeState(compiled, state));
    expect([again.days, again.daysAt]).toEqual([state.days, state.daysAt]);
  });

  it("from before there were any keeps all else, and has none", () => {
    const state = initialState(compiled);
    fill(state, START + 5 * MINUTE, START + DAY);
    state.fast.reference.set([3, 4]);
    const again = decodeState(compiled, withoutDays(encodeState(compiled, state)));
    expect([...again.fast.reference, ...again.recent]).toEqual([3, 4, 24, 240]);
    expect([again.daysAt, again.withheld, [...again.days].every(Number.isNaN)]).toEqual([0, [], true]);
  });

  it("of other shapes is read cold, as ever", () => {
    const state = initialState(compiled);
    state.fast.reference.set([3, 4]);
    const hourly = compile(modelOf(POOLS.slice(0, 2), { intervalSeconds: 3600 }));
    expect([...decodeState(hourly, encodeState(compiled, state)).fast.reference]).toEqual([0, 0]);
  });
});
