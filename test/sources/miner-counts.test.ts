import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { causeHint } from "../../src/detect/alerts/causes.ts";
import type { Fact } from "../../src/model/fact.ts";
import type { PoliteHttp } from "../../src/sources/http/contract.ts";
import { makeSecretReader } from "../../src/sources/secret.ts";
import type { Witness, WitnessOutcome } from "../../src/sources/witness/contract.ts";
import { CountHistory } from "../../src/sources/witness/count-history.ts";
import { makeWitness } from "../../src/sources/witness/registry.ts";
import { edited, says } from "./asking.ts";
import { configOf, fixture, hastyHttp, NOW, startUpstream, type Upstream } from "./upstream.ts";

const STEP = 300_000;
const SERVERS = { de: "EU", fr: "EU", "us-west": "US", us: "US", sg: "SG" };
const PORTS = "witness/nodejs-pool-ports.json";
const STATS = "witness/2miners-stats.json";

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

function counting(api: string, servers: Record<string, string> = SERVERS): Witness {
  const config = configOf("miner-counts", upstream.url, { id: "miner-counts:supportxmr", options: { api, servers } });
  return makeWitness(config, { http, clock: { now: () => NOW }, secrets: makeSecretReader({}) });
}
const look = (witness: Witness, body: string, now = NOW): Promise<WitnessOutcome> => {
  upstream.answer(says(body));
  return witness.look({ signal: new AbortController().signal, now });
};
const miners = (outcome: WitnessOutcome): Record<string, [number, number | null]> => {
  if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
  return Object.fromEntries(
    outcome.facts.flatMap((fact) => (fact.kind === "miners" ? [[fact.region, [fact.count, fact.ratio]]] : [])),
  );
};

interface Ports {
  pplns: { host: { hostname: string }; miners: number }[];
}
/** The servers of a region with so many times their miners; none: they are not in the list. */
const withServers = (beginning: string, factor: number): string =>
  edited(PORTS, (data: Ports) => {
    for (const port of data.pplns) {
      if (port.host.hostname.startsWith(beginning)) port.miners = Math.round(port.miners * factor);
    }
    if (factor === 0) data.pplns = data.pplns.filter(({ host }) => !host.hostname.startsWith(beginning));
  });

describe("miners by server (nodejs-pool)", () => {
  it("are summed by region, each server once, and servers that nobody mapped are named", async () => {
    const outcome = await look(counting("nodejs-pool"), fixture(PORTS));
    expect(miners(outcome)).toEqual({ EU: [2400, null], US: [1000, null] });
    expect(outcome).toMatchObject({ unknown: ["au01.pool.example"] });
    expect(upstream.asked[0]?.path).toBe("/pool/ports");
  });

  it("are compared with the day before once an hour of it is known", async () => {
    const witness = counting("nodejs-pool");
    for (let step = 0; step < 12; step++) await look(witness, fixture(PORTS), NOW + step * STEP);
    const fallen = await look(witness, withServers("de", 0.25), NOW + 12 * STEP);
    expect(miners(fallen)).toEqual({ EU: [1050, 1050 / 2400], US: [1000, 1] });
  });

  it("of a region whose servers are all gone from the list are none; of one that never was there nothing is said", async () => {
    const witness = counting("nodejs-pool");
    for (let step = 0; step < 12; step++) await look(witness, fixture(PORTS), NOW + step * STEP);
    const gone = await look(witness, withServers("us", 0), NOW + 12 * STEP);
    expect(miners(gone)).toEqual({ EU: [2400, 1], US: [0, 0] });
  });

  it.each([
    ["no server at all", '{"pplns":[],"global":[]}'],
    ["no list", '{"error":"Invalid"}'],
    ["a count that is none", withServers("de", -1)],
    ["an unknown count", edited(PORTS, (data: Ports) => ((data.pplns[0] as { miners: unknown }).miners = null))],
    ["only servers that nobody mapped", withServers("de", 0).replaceAll(/(fr|us|sg)\d*[a-z-]*\d*\.pool/g, "xx.pool")],
  ])("%s is an outcome, never zero miners", async (_, body) => {
    const witness = counting("nodejs-pool");
    for (let step = 0; step < 12; step++) await look(witness, fixture(PORTS), NOW + step * STEP);
    expect(await look(witness, body, NOW + 12 * STEP)).toMatchObject({ kind: "error", class: "semantic" });
  });
});

describe("sessions by region (2Miners)", () => {
  it("are read from every key of that form, at the beat of the node", async () => {
    const outcome = await look(counting("2miners", { eu: "EU", asia: "AS" }), fixture(STATS));
    expect(outcome).toEqual({
      kind: "ok",
      facts: [{ kind: "miners", region: "EU", pool: "supportxmr", count: 15_234, ratio: null, at: NOW - 12_000 }],
      unknown: ["us"],
    });
  });

  it("that are no longer said are unknown, not none", async () => {
    const witness = counting("2miners", { eu: "EU", us: "US" });
    for (let step = 0; step < 13; step++) await look(witness, fixture(STATS), NOW + step * STEP);
    const silent = edited(STATS, (data: { stats: Record<string, number> }) => delete data.stats.us_sessions);
    expect(Object.keys(miners(await look(witness, silent, NOW + 13 * STEP)))).toEqual(["EU"]);
    const none = edited(STATS, (data: { stats: unknown }) => (data.stats = { lastBlockFound: 1 }));
    expect(await look(witness, none)).toMatchObject({ kind: "error", class: "semantic" });
  });
});

describe("what is usual", () => {
  it("is the median of the last day, and of no more", () => {
    const history = new CountHistory();
    for (let hour = 0; hour < 48; hour++) history.compare("EU", hour < 24 ? 100 : 200, hour * 3_600_000);
    expect(history.compare("EU", 100, 48 * 3_600_000)).toBe(0.5);
    expect(history.knows("EU", 48 * 3_600_000)).toBe(true);
    expect(history.knows("EU", 80 * 3_600_000)).toBe(false);
  });

  it("is not known of a region where nobody is usual, and not taught by the same count twice", () => {
    const history = new CountHistory();
    for (let i = 0; i < 20; i++) history.compare("XX", 0, i * STEP);
    expect(history.compare("XX", 5, 20 * STEP)).toBeNull();
    for (let i = 0; i < 20; i++) expect(history.compare("EU", 5, 0)).toBeNull();
  });
});

describe("miners as a hint", () => {
  const fact = (ratio: number | null, more: Partial<Fact> = {}): Fact =>
    ({ kind: "miners", region: "EU", pool: "supportxmr", count: 10, ratio, at: NOW, ...more }) as Fact;
  const signal: Fact = { kind: "connectivity", region: "EU", signal: "BGP visibility", ratio: 0.8, at: NOW };
  it.each([
    ["fewer of them confirm and do not explain", [fact(0.42)], "unknown", 0.5, /^supportxmr: miners .* at 0.42 of/],
    ["servers without any are the pool's own trouble", [fact(0.02)], "pool-outage", 1, /lost their miners/],
    ["a signal of the country explains more", [fact(0.02), signal], "connectivity", 2, /^IODA/],
    ["as many as ever say nothing", [fact(0.97)], "unknown", 0, /no witness/],
    ["what is usual is not known", [fact(null)], "unknown", 0, /no witness/],
    ["elsewhere", [fact(0.1, { region: "US" })], "unknown", 0, /no witness/],
    ["long ago", [fact(0.1, { at: NOW - 9_000_000 })], "unknown", 0, /no witness/],
  ] as const)("%s", (_, facts, hint, rank, why) => {
    const found = causeHint(facts, "EU", NOW);
    expect([found.hint, found.rank]).toEqual([hint, rank]);
    expect(found.why).toMatch(why);
  });
});
