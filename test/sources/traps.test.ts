/** What real APIs do that a careful reader of their documentation would not expect: one test for each known trap. */
import { describe, expect, it } from "vitest";
import { edited, rateOf, rowsOf, says, useUpstream } from "./asking.ts";
import { fetchOnce, fixture, type Handler, NOW } from "./upstream.ts";

const here = useUpstream();
const asking: ReturnType<typeof here>["asking"] = (...given) => here().asking(...given);
const source: ReturnType<typeof here>["source"] = (...given) => here().source(...given);

describe("traps", () => {
  it("1 several JSON documents in one body, also with a fourth line of a fork", async () => {
    const status = `${fixture("ckpool/pool.status")}{"sv2": {"channels": 3}}\n`;
    expect(rateOf(await asking("ckpool", status, { average: "1m" }))).toBe(2.31e15);
  });

  it("2 suffix strings: 1e+03T, plain 0, and units in words", async () => {
    const status = fixture("ckpool/pool.status");
    expect(rateOf(await asking("ckpool", status, { average: "6hr" }))).toBe(1e15);
    const zero = await asking("ckpool", status, { average: "7d" });
    // A zero that the upstream really says is a value; judging it is the detector's.
    expect(rateOf(zero)).toBe(0);
  });

  it("3 value and unit in sibling fields", async () => {
    const body = '{"pool_hashrate":3.165,"pool_hashrate_unit":"P","network_hashrate":"3.80"}';
    const options = { hashrate: "pool_hashrate", unitPath: "pool_hashrate_unit" };
    expect(rateOf(await asking("reported-json", body, options))).toBe(3.165e15);
  });

  it("4 and 6 numeric strings, and integers above 2^63 without quotes", async () => {
    expect(rateOf(await asking("ocean", fixture("ocean/pool_hashrate.json")))).toBe(1.5975e16);
    expect(rateOf(await asking("viabtc", fixture("viabtc/chart.json")))).toBe(1.2825e20);
  });

  it("5 one field is a number, a string or empty by version", async () => {
    const as = (hashrate: unknown) => JSON.stringify({ sha256: { hashrate } });
    expect(rateOf(await asking("yiimp", as(5e12), { algorithm: "sha256" }))).toBe(5e12);
    expect(rateOf(await asking("yiimp", as("5000000000000"), { algorithm: "sha256" }))).toBe(5e12);
    expect(rateOf(await asking("yiimp", as(""), { algorithm: "sha256" }))).toBeNull();
  });

  it("7 thousands commas", async () => {
    const options = { hashrate: "data.rate.value", unitPath: "data.rate.unit" };
    expect(rateOf(await asking("reported-json", fixture("reported-json/custom.json"), options))).toBe(3.5005e18);
  });

  it.each([
    ["viabtc", '{"code":1,"message":"Service unavailable","data":{"viabtc_hash":[1]}}', {}, "semantic"],
    [
      "binance",
      '{"code":100001,"msg":"busy","data":{"algoList":[{"algoName":"sha256","poolHash":"1"}]}}',
      {},
      "semantic",
    ],
    ["ocean", '{"error":"not available"}', {}, "semantic"],
    ["miningrigrentals", fixture("miningrigrentals/failure.json"), {}, "auth"],
    ["braiins", '{"detail":"request rate exceeded"}', { token: { env: "TOKEN" } }, "rate-limited"],
    ["cryptonote", '{"error":"Not found"}', {}, "semantic"],
    ["yiimp", '{"error":true,"message":"overload","code":500}', { algorithm: "sha256" }, "semantic"],
    ["open-ethereum-pool", '{"code":"internal"}', {}, "semantic"],
    [
      "reported-json",
      '{"err_no":1,"err_msg":"busy","data":{"shares_5m":1}}',
      { hashrate: "data.shares_5m", okPath: "err_no", okValue: "0" },
      "semantic",
    ],
    ["antpool", '{"code":"500","msg":"busy","data":null}', {}, "semantic"],
    [
      "regions-map",
      '{"error":"closed","result":{"regions":{"us":1}}}',
      { shape: "map", at: "result.regions", errorPath: "error", regions: { us: "US" } },
      "semantic",
    ],
  ])("8 status 200 with an error inside: %s", async (type, body, options, expected) => {
    expect(await asking(type, body, options)).toMatchObject({ kind: "error", class: expected });
  });

  it("9 an empty body means asked too often", async () => {
    expect(await asking("yiimp", "", { algorithm: "sha256" })).toMatchObject({ class: "rate-limited" });
  });

  it.each([
    ["p2pool", "null", { chain: "bitcoin" }],
    ["nomp", "undefined", { poolId: "litecoin" }],
    ["open-ethereum-pool", '{"nodes":[{"name":"main"}]}', {}],
    ["miningcore", '{"pools":[{"id":"a","poolStats":null}]}', { poolId: "a" }],
  ])("10 warming up is empty, not an error and not zero: %s", async (type, body, options) => {
    expect(await asking(type, body, options)).toEqual({ kind: "empty" });
  });

  it("11 JSON under text/html, text under application/json", async () => {
    const html = { "content-type": "text/html; charset=UTF-8" };
    expect(rateOf(await asking("yiimp", says(fixture("yiimp/status.json"), html), { algorithm: "sha256" }))).toBe(
      2.69473938e14,
    );
    const json = { "content-type": "application/json" };
    expect(await asking("miningcore", says("Unknown pool x", json), { poolId: "x" })).toMatchObject({
      class: "format",
    });
  });

  it("12 204 and 500 with empty bodies", async () => {
    const empty =
      (status: number): Handler =>
      (_, response) => {
        response.writeHead(status);
        response.end();
      };
    expect(await asking("mempool", empty(204))).toMatchObject({ class: "format" });
    expect(await asking("mempool", empty(500))).toMatchObject({ class: "http", httpStatus: 500 });
  });

  it("13 a zero that means the backend failed, and one that is always there", async () => {
    const pools = edited("mempool/pools-24h.json", (data: { lastEstimatedHashrate: number }) => {
      data.lastEstimatedHashrate = 0;
    });
    expect(await asking("mempool", pools, { shares: "24h" })).toMatchObject({ class: "semantic" });
    expect(rateOf(await asking("nomp", fixture("nomp/stats.json"), { poolId: "litecoin" }))).toBe(128_073_013.5);
  });

  it("14 a fresh `now` around stale figures: the nodes' beat is their time", async () => {
    const stale = edited("open-ethereum-pool/stats.json", (data: { nodes: { lastBeat: string }[] }) => {
      for (const node of data.nodes) node.lastBeat = String(NOW / 1000 - 7_200);
    });
    const [row] = rowsOf(await asking("open-ethereum-pool", stale));
    expect(row?.observedAt).toBe(NOW - 7_200_000);
  });

  it("15 no time at all: none is made up", async () => {
    const [row] = rowsOf(await asking("nodejs-pool", fixture("nodejs-pool/stats.json")));
    expect(row).toMatchObject({ observedAtBasis: "fetch-time" });
    expect(row?.observedAt).toBeUndefined();
  });

  it("16 seconds, milliseconds and zoneless times for the same field", async () => {
    const options = {};
    const [row] = rowsOf(
      await asking("open-ethereum-pool", fixture("open-ethereum-pool/now-in-seconds.json"), options),
    );
    expect(row?.observedAt).toBe(NOW);
  });

  it.each([
    ["nanoseconds", '"2026-01-01T00:00:00.609762943Z"', NOW + 609],
    ["no zone", '"2025-12-31T23:59:30"', NOW - 30_000],
    ["a space between day and time", '"2025-12-31 23:59:30"', NOW - 30_000],
    ["milliseconds", `${NOW - 30_000}`, NOW - 30_000],
    ["seconds as text", `"${NOW / 1000 - 30}"`, NOW - 30_000],
  ])("16 a time with %s", async (_, text, at) => {
    const [row] = rowsOf(await asking("reported-json", `{"rate":5,"at":${text}}`, { hashrate: "rate", time: "at" }));
    expect(row).toMatchObject({ observedAt: at, observedAtBasis: "body" });
  });

  it("17 the last point of a series is partial or null", async () => {
    const options = {
      shape: "series",
      at: "regions",
      name: "name",
      value: "hashrate",
      regions: { us: "US", eu: "EU" },
    };
    const rows = rowsOf(await asking("regions-map", fixture("regions-map/series.json"), options));
    expect(rows.map((row) => row.kind === "rate" && row.hashrate)).toEqual([1_100_000.5, 2_100_000]);
  });

  it("18 a key in another case by version", async () => {
    const old = '{"pools":[{"id":"xmr1","poolStats":{"poolHashRate":1250.5}}]}';
    expect(rateOf(await asking("miningcore", old, { poolId: "xmr1" }))).toBe(1250.5);
    expect(rateOf(await asking("nodejs-pool", fixture("nodejs-pool/hashvault.json")))).toBe(812_500_000);
  });

  it("19 an interval that the upstream does not know would be all time: the options refuse it", () => {
    expect(() => source("mempool", { shares: "24hours" })).toThrow();
  });

  it.each([[402], [418], [429], [430]])("20 a limit signalled as %i", async (status) => {
    const outcome = await asking("ocean", (_, response) => {
      response.writeHead(status);
      response.end();
    });
    expect(outcome).toMatchObject({ class: "rate-limited", httpStatus: status });
  });

  it.each([
    [503, "yiimp", { algorithm: "sha256" }, { class: "rate-limited" }],
    [403, "binance", {}, { class: "auth", banRisk: true }],
  ])("20 a limit signalled as %i: by the adapter's own table, or with the risk of a ban said", async (...given) => {
    const [status, type, options, expected] = given;
    expect(await asking(type, (_, response) => response.writeHead(status).end(), options)).toMatchObject(expected);
  });

  it("21 a file that is cut off while it is written is read again", async () => {
    const whole = fixture("ckpool/pool.status");
    const cuts = [whole.indexOf("\n") + 1, whole.indexOf("hashrate5m"), 30];
    for (const cut of cuts) {
      let times = 0;
      here().upstream.answer((_, response) => {
        times += 1;
        response.end(times === 1 ? whole.slice(0, cut) : whole);
      });
      expect(rateOf(await fetchOnce(source("ckpool")))).toBe(2.28e15);
      expect(times).toBe(2);
    }
  });

  it("22 redirects within the host are followed", async () => {
    const outcome = await asking("p2pool", (request, response) => {
      if (request.url?.startsWith("/moved")) return response.end(fixture("p2pool/stats.json"));
      response.writeHead(301, { location: `/moved${request.url}` });
      return response.end();
    });
    expect(rateOf(outcome)).toBe(301_500_000);
  });

  it("23 a value of three digits says its step", async () => {
    const [row] = rowsOf(await asking("ckpool", fixture("ckpool/pool.status")));
    expect(row).toMatchObject({ resolution: 0.005, window: { kind: "ewma", seconds: 300 } });
  });

  it("24 lists in another order: items are told apart by name", async () => {
    const turned = edited("antpool/poolcoins.json", (data: { data: { items: unknown[] } }) =>
      data.data.items.reverse(),
    );
    expect(rateOf(await asking("antpool", turned))).toBe(1.8175e20);
    expect(rateOf(await asking("antpool", turned, { coin: "LTC" }))).toBe(7.205e14);
    const algorithms = edited("binance/index.json", (data: { data: { algoList: unknown[] } }) =>
      data.data.algoList.reverse(),
    );
    expect(rateOf(await asking("binance", algorithms))).toBe(2.345e19);
  });

  it("25 a body far larger than any figure needs", async () => {
    expect(await asking("ocean", says(`{"result":"${"x".repeat(5_000_000)}"}`))).toMatchObject({ class: "too-large" });
  });

  it("26 an object where a list was, a list where an object was", async () => {
    expect(await asking("mempool", "{}")).toMatchObject({ class: "format" });
    expect(await asking("miningcore", '{"pools":{}}', { poolId: "a" })).toMatchObject({ class: "format" });
    expect(await asking("blockchain-info", "[]")).toMatchObject({ class: "format" });
  });

  it("27 secrets travel in headers, to the configured host alone, and never in an outcome", async () => {
    const outcome = await asking("braiins", says('{"detail":"bad token sentinel"}'), { token: { env: "TOKEN" } });
    expect(here().upstream.asked[0]?.headers["pool-auth-token"]).toBe("sentinel");
    expect(here().upstream.asked[0]?.path).not.toContain("sentinel");
    expect(JSON.stringify(outcome)).not.toContain("sentinel");
  });

  it("27 secrets in the path or the query are cut out too, wherever an upstream says its own address back", async () => {
    const key = "0f8c2d4e-61b7-4a90";
    here().upstream.answer((request, response) => response.end(`<html>Cannot GET ${request.url}</html>`));
    for (const path of [`/v1/btc/workers/${key}`, `/rate?apikey=${key}`, "/rate?token=abc123"]) {
      const url = `${here().upstream.url}${path}`;
      const outcome = await fetchOnce(source("reported-json", { hashrate: "rate" }, { url }));
      expect(outcome).toMatchObject({ kind: "error", class: "format", detail: expect.stringContaining("[redacted]") });
      expect(JSON.stringify(outcome)).not.toMatch(/0f8c2d4e|abc123/);
    }
  });

  it("28 local ids that look global: the list's number is used, never the database's", async () => {
    // Foundry has poolId 44 in this instance's database, and 44 is AntPool's stable number.
    const pools = { "44": "antpool", "111": "foundry" };
    here().upstream.answer((request, response) => {
      response.end(request.url?.includes("/pools/") ? fixture("mempool/pools-24h.json") : "[]");
    });
    const outcome = await fetchOnce(source("mempool", { shares: "24h" }, { pools }));
    expect(outcome).toMatchObject({ class: "semantic" });
    here().upstream.answer((request, response) => {
      response.end(fixture(request.url?.includes("/pools/") ? "mempool/pools-24h.json" : "mempool/one-block.json"));
    });
    const rows = rowsOf(await fetchOnce(source("mempool", { shares: "24h" }, { pools })));
    const shares = rows.filter((row) => row.kind === "rate").map((row) => [row.pool, row.raw.text]);
    expect(shares).toEqual([
      ["antpool", "36/144"],
      ["foundry", "48/144"],
    ]);
  });
});
