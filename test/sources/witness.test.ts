import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { causeHint } from "../../src/detect/alerts/causes.ts";
import type { Fact } from "../../src/model/fact.ts";
import type { PoliteHttp } from "../../src/sources/http/contract.ts";
import { makeSecretReader } from "../../src/sources/secret.ts";
import type { Witness } from "../../src/sources/witness/contract.ts";
import { makeWitness, WITNESS_TYPES } from "../../src/sources/witness/registry.ts";
import { configOf, type Handler, hastyHttp, NOW, startUpstream, type Upstream } from "./upstream.ts";
import { healthyWitnesses, WITNESS_CASES } from "./witness-cases.ts";

const TYPES = ["ioda", "cloudflare-radar", "ercot", "tickers", "miner-counts"];

let upstream: Upstream;
let http: PoliteHttp;
beforeEach(async () => {
  upstream = await startUpstream();
  http = hastyHttp();
});
afterEach(async () => {
  await http.close();
  await upstream.close();
});

const healthy = healthyWitnesses();

function witness(type: string): Witness {
  const options = WITNESS_CASES.find((each) => each.type === type)?.options(upstream.url);
  const deps = { http, clock: { now: () => NOW }, secrets: makeSecretReader({ TOKEN: "sentinel" }) };
  return makeWitness(configOf(type, upstream.url, { options: options ?? {} }), deps);
}
const look = (type: string, handler: Handler, timeoutMs?: number) => {
  upstream.answer(handler);
  return witness(type).look({
    signal: timeoutMs ? AbortSignal.timeout(timeoutMs) : new AbortController().signal,
    now: NOW,
  });
};

describe("witnesses", () => {
  it("there is a test for each", () => {
    expect(Object.keys(WITNESS_TYPES).sort()).toEqual([...TYPES].sort());
    expect([...new Set(WITNESS_CASES.map(({ type }) => type))].sort()).toEqual([...TYPES].sort());
  });

  it("IODA: the newest known point against the median; lag is no outage, an unknown country says nothing", async () => {
    const outcome = await look("ioda", healthy);
    expect(outcome).toMatchObject({
      kind: "ok",
      facts: [
        { region: "KZ", signal: "BGP visibility", ratio: 0.42, at: NOW - 900_000 },
        { region: "US", ratio: 1 },
        { region: "KZ", signal: "active probing", ratio: 0.42 },
        { region: "US" },
      ],
    });
    expect(upstream.asked[0]?.path).toContain(`until=${NOW / 1000}&datasource=bgp`);
  });

  it("IODA: status 200 with an error inside", async () => {
    const outcome = await look("ioda", (_, response) => response.end('{"error":"backend failure","data":null}'));
    expect(outcome).toMatchObject({ class: "semantic", detail: expect.stringContaining("backend failure") });
  });

  it("Cloudflare Radar: outages with cause, lasting ones without an end; the token in a header alone", async () => {
    expect(await look("cloudflare-radar", healthy)).toEqual({
      kind: "ok",
      facts: [
        { kind: "outage", region: "KZ", cause: "GOVERNMENT_DIRECTED", from: NOW - 1_800_000 },
        {
          kind: "outage",
          region: "IR",
          cause: "POWER_OUTAGE",
          from: Date.UTC(2025, 11, 20),
          to: Date.UTC(2025, 11, 20, 6),
        },
      ],
    });
    expect(upstream.asked[0]?.headers.authorization).toBe("Bearer sentinel");
    const refused = '{"success":false,"errors":[{"code":10000,"message":"bad sentinel"}]}';
    const outcome = await look("cloudflare-radar", (_, response) => response.end(refused));
    expect(outcome).toMatchObject({ class: "semantic" });
    expect(JSON.stringify(outcome)).not.toContain("sentinel");
  });

  it.each([
    "{\u{10c115}\u{66160}:0.5}",
    "",
    "Netzausfall im S\u00fcden",
    "x".repeat(65),
    "a\u0000b",
    7,
    null,
    ["POWER"],
  ])("Cloudflare Radar: an outage is told without its cause where that is %j", async (cause) => {
    const outcome = await look("cloudflare-radar", (_, response) => {
      const outage = { startDate: new Date(NOW).toISOString(), locations: ["KZ"], outage: { outageCause: cause } };
      response.end(JSON.stringify({ success: true, result: { annotations: [outage] } }));
    });
    expect(outcome).toEqual({ kind: "ok", facts: [{ kind: "outage", region: "KZ", cause: null, from: NOW }] });
  });

  it("ERCOT: the newest price over the load zones, commas and all", async () => {
    expect(await look("ercot", healthy)).toEqual({
      kind: "ok",
      facts: [{ kind: "grid", region: "US-TX", emergencyLevel: 0, usdPerMegawattHour: 1150, at: NOW - 30_000 }],
    });
  });

  it("tickers: the median of three, of two when one is dark, and nothing of one", async () => {
    const without =
      (...dark: string[]): Handler =>
      (request, response, body) => {
        if (dark.includes(request.url ?? "")) response.writeHead(404).end();
        else healthy(request, response, body);
      };
    expect(await look("tickers", healthy)).toMatchObject({
      facts: [{ usd: 91_000.5, of: ["kraken", "coinbase", "binance"] }],
    });
    http = hastyHttp();
    expect(await look("tickers", without("/kraken"))).toMatchObject({
      facts: [{ usd: 91_000.125, of: ["coinbase", "binance"] }],
    });
    http = hastyHttp();
    expect(await look("tickers", without("/kraken", "/binance"))).toMatchObject({
      kind: "error",
      class: "http",
    });
    http = hastyHttp();
    const wrong = await look("tickers", (request, response, body) => {
      if (request.url === "/kraken") response.end('{"error":["EQuery:Unknown asset pair"]}');
      else healthy(request, response, body);
    });
    expect(wrong).toMatchObject({ facts: [{ of: ["coinbase", "binance"] }] });
  });
});

describe("hints at a cause", () => {
  const signal = (region: string, ratio: number, at = NOW): Fact => ({
    kind: "connectivity",
    region,
    signal: "BGP visibility",
    ratio,
    at,
  });
  const grid = (level: number | null, price: number | null): Fact => ({
    kind: "grid",
    region: "US-TX",
    emergencyLevel: level,
    usdPerMegawattHour: price,
    at: NOW,
  });
  const outage: Fact = { kind: "outage", region: "KZ", cause: "POWER_OUTAGE", from: NOW - 600_000 };
  it.each([
    [
      "deepest signal",
      [signal("KZ", 0.8), signal("KZ", 0.42)],
      "KZ",
      "connectivity",
      /IODA: KZ BGP visibility at 0.42/,
    ],
    [
      "a verified outage first",
      [signal("KZ", 0.42), outage],
      "KZ",
      "connectivity",
      /verified outage in KZ \(power outage\)/,
    ],
    ["an outage that was over long before", [{ ...outage, from: NOW - 9e7, to: NOW - 8e7 }], "KZ", "unknown", /./],
    ["another country", [signal("RU", 0.1)], "KZ", "unknown", /no witness/],
    ["too long ago", [signal("KZ", 0.1, NOW - 9_000_000)], "KZ", "unknown", /./],
    ["hardly disturbed", [signal("KZ", 0.95)], "KZ", "unknown", /./],
    ["dear power", [grid(0, 151)], "US-TX", "curtailment", /151 USD/],
    ["a grid emergency, for the whole country", [grid(2, null)], "US", "curtailment", /emergency level 2/],
    ["a calm grid", [grid(0, 30)], "US-TX", "unknown", /./],
    ["a grid that says nothing", [grid(null, null)], "US-TX", "unknown", /./],
    ["nothing at all", [], "KZ", "unknown", /./],
  ] as const)("%s", (_, facts, region, hint, why) => {
    const found = causeHint(facts as readonly Fact[], region, NOW);
    expect(found.hint).toBe(hint);
    expect(found.why).toMatch(why);
  });
});
