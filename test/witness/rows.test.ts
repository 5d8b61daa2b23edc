import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fact, factFault } from "../../src/model/fact.ts";
import type { WitnessSample } from "../../src/model/sample.ts";
import { formatSampleLine, parseSampleLine } from "../../src/model/sample-line.ts";
import { exportTicks } from "../../src/store/export-lines.ts";
import { movedRowValue, readRow, rowName, rowValue } from "../../src/store/row-codec.ts";
import { INTERVAL, rate, storeOn, tick } from "../store/helpers.ts";
import { SEED } from "../support/property-seed.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";

const time = fc.integer({ min: 1, max: 8e12 });
const region = fc.constantFrom("KZ", "US-TX", "EU");
const text = fc.stringMatching(/^[A-Za-z0-9 ,_%.:-]{1,30}$/);
const amount = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0);
const nullable = fc.option(amount, { nil: null });
const facts: fc.Arbitrary<Fact> = fc.oneof(
  fc.record({
    kind: fc.constant("connectivity" as const),
    region,
    signal: text,
    ratio: fc.double({ min: 0, max: 1e3, noNaN: true }).map((value) => value + 0),
    at: time,
  }),
  fc.record(
    { kind: fc.constant("outage" as const), region, cause: fc.option(text, { nil: null }), from: time, to: time },
    { requiredKeys: ["kind", "region", "cause", "from"] },
  ),
  fc.record({
    kind: fc.constant("grid" as const),
    region,
    emergencyLevel: nullable,
    usdPerMegawattHour: nullable,
    at: time,
  }),
  fc.record({
    kind: fc.constant("miners" as const),
    region,
    pool: text,
    count: fc.nat(),
    ratio: fc.option(
      fc.double({ min: 0, max: 1e3, noNaN: true }).map((value) => value + 0),
      { nil: null },
    ),
    at: time,
  }),
  fc.record({
    kind: fc.constant("price" as const),
    usd: fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
    of: fc.array(fc.constantFrom("kraken", "coinbase", "binance"), { minLength: 1, maxLength: 3 }),
    at: time,
  }),
);
const samples: fc.Arbitrary<WitnessSample> = fc.record(
  {
    kind: fc.constant("witness" as const),
    at: time,
    source: fc.constantFrom("ioda", "cloudflare-radar:mine", "tickers"),
    fact: facts,
    backfilled: fc.constant(true as const),
  },
  { requiredKeys: ["kind", "at", "source", "fact"] },
);

let server: TestRedis;
beforeAll(async () => {
  server = await startTestRedis();
});
afterAll(() => server.stop());

describe("a witness's row", () => {
  it("is read back from its line as it was", () => {
    fc.assert(
      fc.property(samples, (sample) => {
        expect(factFault(sample.fact)).toBeNull();
        expect(parseSampleLine(formatSampleLine(sample))).toEqual({ ok: true, sample });
        expect(parseSampleLine(formatSampleLine(sample, { network: "n" }))).toEqual({ ok: true, sample, network: "n" });
      }),
      { seed: SEED },
    );
  });

  it("is read back from the store's fields as it was, to the last bit, and one that was moved stands at its new tick", () => {
    fc.assert(
      fc.property(samples, time, (sample, at) => {
        expect(readRow(rowName(sample), rowValue(sample, at), at)).toEqual(sample);
        expect(readRow(rowName(sample, at), movedRowValue(sample), at + 7)).toEqual({ ...sample, at: at + 7 });
      }),
      { seed: SEED },
    );
  });

  it.each([
    ["no such kind", { witness: "rumour" }, /rumour.*connectivity, outage, grid, price, miners/],
    ["no region", { region: undefined }, /region/],
    ["a region that is none", { region: "Kazakhstan" }, /region/],
    ["a ratio below nothing", { ratio: -1 }, /ratio/],
    ["a ratio as text", { ratio: "0.4" }, /ratio/],
    ["a signal of many words", { signal: "x".repeat(65) }, /signal/],
    ["a signal that breaks the line", { signal: "a\nb" }, /signal/],
    ["no time of its own", { observedAt: "yesterday" }, /observedAt/],
    ["no time", { at: "2022-01-05" }, /"at"/],
    ["nobody who said it", { source: "" }, /source/],
    ["a flag that is none", { backfilled: 1 }, /backfilled/],
    ["a price that is none", { witness: "price", usd: 0 }, /usd/],
    ["exchanges that are none", { witness: "price", usd: 1, of: [7] }, /of/],
  ])("a line with %s is refused, with the reason", (_, change, why) => {
    const line = {
      at: "2022-01-05T10:50:00Z",
      source: "ioda",
      witness: "connectivity",
      region: "KZ",
      signal: "BGP visibility",
      ratio: 0.42,
      observedAt: "2022-01-05T10:40:00Z",
    };
    expect(parseSampleLine(JSON.stringify(line)).ok).toBe(true);
    const parsed = parseSampleLine(JSON.stringify({ ...line, ...change }));
    expect(parsed).toMatchObject({ ok: false, why: expect.stringMatching(why) });
  });

  it("is stored once, beside the pools' rows, and exported as it was", async () => {
    const store = storeOn(server);
    const fact = (kind: string, ratio: number): Fact => ({
      kind: "connectivity",
      region: "KZ",
      signal: kind,
      ratio,
      at: tick(1) - 600_000,
    });
    const row = (each: Fact): WitnessSample => ({ kind: "witness", at: tick(1), source: "ioda", fact: each });
    const rows = [rate(tick(1), "antpool", 2e19), row(fact("BGP visibility", 0.42)), row(fact("active probing", 0.3))];
    expect(await store.samples.append("bitcoin", tick(1), INTERVAL, rows)).toMatchObject({ added: 3, duplicates: 0 });
    const again = [row(fact("BGP visibility", 0.5))];
    expect(await store.samples.append("bitcoin", tick(1), INTERVAL, again)).toMatchObject({ added: 0, duplicates: 1 });
    const ticks = exportTicks({ networks: ["bitcoin"], from: 0, to: tick(9), nameNetwork: false }, store.samples);
    const lines: string[] = [];
    for await (const { text: written } of ticks) lines.push(...written.trimEnd().split("\n"));
    const exported = lines.map((line) => parseSampleLine(line));
    expect(exported).toEqual(expect.arrayContaining(rows.map((sample) => ({ ok: true, sample }))));
    expect(exported).toHaveLength(4);
  });

  it("that cannot be used is not stored", async () => {
    const store = storeOn(server);
    const lie: Fact = { kind: "price", usd: Number.NaN, of: [], at: tick(1) };
    const rows: WitnessSample[] = [{ kind: "witness", at: tick(1), source: "tickers", fact: lie }];
    await expect(store.samples.append("bitcoin", tick(1), INTERVAL, rows)).rejects.toThrow(/tickers/);
  });
});
