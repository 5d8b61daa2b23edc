import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BASES, type Sample } from "../../src/model/sample.ts";
import type { StoredTick } from "../../src/store/contract.ts";
import { readRow, rowName, rowValue } from "../../src/store/row-codec.ts";
import { SEED } from "../support/property-seed.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { commitOn, INTERVAL, rate, storeOn, T0, type TestStore, tick } from "./helpers.ts";

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

const NONE = { added: 0, duplicates: 0, moved: 0, late: 0 };

async function readAll(store: TestStore, through: number): Promise<StoredTick[]> {
  const { cursor } = await store.states.load("bitcoin");
  return [...(await store.samples.readSince("bitcoin", cursor, through, 1000)).ticks];
}

/** Decides everything up to a tick, so that later rows for it come too late. */
async function decide(store: TestStore, through: number): Promise<void> {
  const state = await store.states.load("bitcoin");
  const { cursor } = await store.samples.readSince("bitcoin", state.cursor, through, 1000);
  expect(await store.states.commit(commitOn(state, through, { cursor }))).toBe("committed");
}

describe("a row", () => {
  const time = fc.integer({ min: 1, max: 2 ** 43 });
  const name = fc.stringMatching(/^[a-zA-Z0-9:._ -]{1,20}$/);
  const common = { at: time, pool: name };
  const optional = { source: name, observedAt: time, backfilled: fc.constant(true as const) };
  const samples: fc.Arbitrary<Sample> = fc.oneof(
    fc.record(
      {
        kind: fc.constant("rate" as const),
        ...common,
        ...optional,
        hashrate: fc.double({ min: 0, max: 1e22, noNaN: true }).map((figure) => figure + 0),
        region: fc.constantFrom("KZ", "US-TX", "OTHER"),
        basis: fc.constantFrom(...BASES),
        windowSeconds: fc.integer({ min: 1, max: 1e7 }),
      },
      { requiredKeys: ["kind", "at", "pool", "hashrate"] },
    ),
    fc.record(
      {
        kind: fc.constant("block" as const),
        ...common,
        ...optional,
        height: fc.nat(),
        difficulty: fc.double({ min: 1, max: 1e16, noNaN: true }),
      },
      { requiredKeys: ["kind", "at", "pool", "height", "difficulty"] },
    ),
  );

  test("is read back as it was, to the last bit", () => {
    fc.assert(
      fc.property(samples, time, (row, at) => {
        expect(readRow(rowName(row), rowValue(row, at), at)).toEqual(row);
      }),
      { seed: SEED },
    );
  });

  test("with a control character in a name is refused", () => {
    expect(() => rowName(rate(T0, "a\u001fb", 1))).toThrow(RangeError);
  });
});

describe("append", () => {
  test("stores a row once, whatever its second figure says", async () => {
    const store = storeOn(server);
    const rows = [rate(tick(1), "antpool", 2.9e19), rate(tick(1), "antpool", 1e17, { region: "EU" })];
    expect(await store.samples.append("bitcoin", tick(1), INTERVAL, rows)).toEqual({ ...NONE, added: 2 });
    const again = [rate(tick(1), "antpool", 5e19), rate(tick(1), "f2pool", 3e19)];
    expect(await store.samples.append("bitcoin", tick(1), INTERVAL, again)).toEqual({
      ...NONE,
      added: 1,
      duplicates: 1,
    });
    const [stored] = await readAll(store, tick(1));
    expect(stored?.rows).toEqual([rows[0], rows[1], again[1]]);
    expect(stored?.storedAt).toBeGreaterThan(Date.now() - 60_000);
  });

  test("keeps rows of one pool from two sources, and blocks by height", async () => {
    const store = storeOn(server);
    const block = { kind: "block", at: tick(1), pool: "antpool", height: 717_300, difficulty: 2.4e13 } as const;
    const rows: Sample[] = [
      rate(tick(1), "antpool", 1, { source: "a" }),
      rate(tick(1), "antpool", 1, { source: "b" }),
      block,
      { ...block, height: 717_301 },
    ];
    expect((await store.samples.append("bitcoin", tick(1), INTERVAL, rows)).added).toBe(4);
  });

  test("of no rows marks the tick as polled", async () => {
    const store = storeOn(server);
    expect(await store.samples.append("bitcoin", tick(1), INTERVAL, [])).toEqual(NONE);
    expect(await readAll(store, tick(1))).toMatchObject([{ at: tick(1), rows: [] }]);
  });

  test.each([
    ["the tick before", 0, 1],
    ["two ticks before", 1, 1],
    ["three ticks before", 2, 0],
  ])("moves a row of %s the next undecided one into it, when at most two intervals late", async (_, back, moved) => {
    const store = storeOn(server);
    await decide(store, tick(5));
    const seenAt = tick(5 - back) - 1000;
    const row = rate(seenAt, "antpool", 2e19);
    const result = await store.samples.append("bitcoin", tick(5 - back), INTERVAL, [row]);
    expect(result).toEqual({ ...NONE, moved, late: 1 - moved });
    const undecided = (await readAll(store, tick(6))).filter(({ at }) => at > tick(5));
    expect(undecided.flatMap(({ rows }) => rows)).toEqual(
      moved === 1 ? [{ ...row, at: tick(6), observedAt: seenAt }] : [],
    );
  });

  test("keeps what the upstream said of the time of a moved row", async () => {
    const store = storeOn(server);
    await decide(store, tick(5));
    await store.samples.append("bitcoin", tick(5), INTERVAL, [rate(tick(5), "antpool", 1, { observedAt: T0 + 7 })]);
    expect((await readAll(store, tick(6)))[0]?.rows[0]).toMatchObject({ observedAt: T0 + 7 });
  });

  test("knows a moved row again, and leaves room for the row that belongs there", async () => {
    const store = storeOn(server);
    await decide(store, tick(5));
    const late = rate(tick(5), "antpool", 2e19);
    expect((await store.samples.append("bitcoin", tick(5), INTERVAL, [late])).moved).toBe(1);
    expect((await store.samples.append("bitcoin", tick(5), INTERVAL, [late])).duplicates).toBe(1);
    expect((await store.samples.append("bitcoin", tick(6), INTERVAL, [rate(tick(6), "antpool", 3e19)])).added).toBe(1);
    await decide(store, tick(6));
    expect((await store.samples.append("bitcoin", tick(5), INTERVAL, [late])).duplicates).toBe(1);
    expect((await readAll(store, tick(9))).flatMap(({ rows }) => rows)).toEqual([]);
  });

  test("does not store a row again that was there when its tick was decided", async () => {
    const store = storeOn(server);
    const row = rate(tick(1), "antpool", 2e19);
    await store.samples.append("bitcoin", tick(1), INTERVAL, [row]);
    await decide(store, tick(1));
    expect(await store.samples.append("bitcoin", tick(1), INTERVAL, [row])).toEqual({ ...NONE, duplicates: 1 });
  });

  test.each([
    ["a tick off the interval", T0 + 1, [] as Sample[]],
    ["a row of another tick", T0, [rate(T0 + 1, "a", 1)]],
    ["a row of the tick before", T0, [rate(T0 - INTERVAL, "a", 1)]],
    ["a figure that is none", T0, [rate(T0, "a", Number.NaN)]],
  ])("refuses %s", async (_, at, rows) => {
    const store = storeOn(server);
    await expect(store.samples.append("bitcoin", at, INTERVAL, rows)).rejects.toThrow(RangeError);
  });
});

describe("readSince", () => {
  test("gives ticks in order of data time, however they came, page by page", async () => {
    const store = storeOn(server);
    for (const n of [3, 1, 5, 2, 4]) {
      await store.samples.append("bitcoin", tick(n), INTERVAL, [rate(tick(n), "antpool", n)]);
    }
    const first = await store.samples.readSince("bitcoin", "", tick(4), 3);
    expect(first.ticks.map(({ at }) => at)).toEqual([tick(1), tick(2), tick(3)]);
    expect(first.more).toBe(true);
    const second = await store.samples.readSince("bitcoin", first.cursor, tick(4), 3);
    expect(second.ticks.map(({ at }) => at)).toEqual([tick(4)]);
    expect(second.more).toBe(false);
    const rest = await store.samples.readSince("bitcoin", second.cursor, tick(9), 3);
    expect(rest.ticks.map(({ at }) => at)).toEqual([tick(5)]);
  });

  test("refuses a cursor that is none", async () => {
    await expect(storeOn(server).samples.readSince("bitcoin", "x", T0, 1)).rejects.toThrow(RangeError);
  });
});

test("range gives every tick of a span, both ends included", async () => {
  const store = storeOn(server);
  for (let n = 0; n < 230; n++) {
    await store.samples.append("bitcoin", tick(n), INTERVAL, n % 2 ? [rate(tick(n), "antpool", n)] : []);
  }
  const ticks: StoredTick[] = [];
  for await (const each of store.samples.range("bitcoin", tick(5), tick(225))) ticks.push(each);
  expect(ticks.map(({ at }) => at)).toEqual(Array.from({ length: 221 }, (_, i) => tick(5 + i)));
  expect(ticks[0]?.rows).toEqual([rate(tick(5), "antpool", 5)]);
});
