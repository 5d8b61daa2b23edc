/** A day of the shipped configurations, sources and witnesses together, in a world without sockets: no host is asked beyond its limit. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadConfigFile } from "../../src/config/load.ts";
import type { Clocks } from "../../src/model/clock.ts";
import { dueSources } from "../../src/poll/due.ts";
import { makePoliteHttp } from "../../src/sources/http/polite-http.ts";
import type { HopResult } from "../../src/sources/http/transport.ts";
import { makeSource } from "../../src/sources/registry.ts";
import { makeSecretReader } from "../../src/sources/secret.ts";
import { makeWitness } from "../../src/sources/witness/registry.ts";
import { ROOT } from "../house/source-files.ts";
import { ADAPTER_CASES } from "./adapter-cases.ts";
import { fixture, NOW } from "./upstream.ts";

const DAY = 86_400_000;
const TICK = 300_000;

/**
 * Requests a day at a tick of five minutes. Who publishes no limit is asked once in five minutes, IODA and ERCOT for two
 * documents each, and once more where a retry is allowed. The exchanges allow one a second and more.
 */
const LIMITS: Readonly<Record<string, number>> = {
  "mempool.space": 600,
  "litecoinspace.org": 600,
  "api.foundryusapool.com": 400,
  "www.antpool.com": 400,
  "www.viabtc.com": 400,
  "pool.binance.com": 400,
  "api.ocean.xyz": 600,
  "public-pool.io:40557": 400,
  "solo.ckpool.org": 600,
  "eusolo.ckpool.org": 600,
  "ausolo.ckpool.org": 600,
  // Figures and miner counts.
  "www.supportxmr.com": 1_200,
  "api.moneroocean.stream": 600,
  "api.c3pool.org": 600,
  "api.skypool.xyz": 600,
  "web.xmrpool.eu:8119": 600,
  "monero.herominers.com": 600,
  "p2pool.io": 600,
  "api.ioda.inetintel.cc.gatech.edu": 1_200,
  "www.ercot.com": 1_200,
  "api.kraken.com": 1_000,
  "api.exchange.coinbase.com": 1_000,
  "api.binance.com": 1_000,
};

const answer = (status: number, text: string, headers: Record<string, string> = {}): HopResult => ({
  kind: "response",
  status,
  headers,
  body: Buffer.from(text),
});

const WITNESSED: readonly (readonly [RegExp, string])[] = [
  [/ioda/, "witness/ioda.json"],
  [/daily-prc/, "witness/ercot-prc.json"],
  [/system-wide/, "witness/ercot-prices.json"],
  [/api\.kraken/, "witness/kraken.json"],
  [/exchange\.coinbase/, "witness/coinbase.json"],
  [/api\.binance/, "witness/binance.json"],
  [/pool\/ports/, "witness/nodejs-pool-ports.json"],
];

const BODIES = WITNESSED.map(([pattern, file]) => [pattern, fixture(file)] as const);

const WORLDS: readonly (readonly [string, (url: string) => HopResult])[] = [
  [
    "well",
    (url) => {
      const said = BODIES.find(([pattern]) => pattern.test(url))?.[1];
      if (said !== undefined) return answer(200, said);
      const { pathname } = new URL(url);
      const body = ADAPTER_CASES.find((each) => pathname in each.answers)?.answers[pathname];
      return typeof body === "string" ? answer(200, body) : answer(404, "");
    },
  ],
  ["failing with 500", () => answer(500, "")],
  ["asking to wait", () => answer(429, "", { "retry-after": "90" })],
];

describe.each(["bitcoin", "litecoin", "monero"])("a day of config/%s.yaml", (shipped) => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each(WORLDS)("with upstreams that are %s", async (name, world) => {
    vi.setSystemTime(NOW);
    const config = await loadConfigFile(join(ROOT, `config/${shipped}.yaml`), { env: {} });
    const asked: Record<string, number> = {};
    const clock = { now: () => Date.now() };
    const clocks: Clocks = { data: clock, real: clock, speed: 1 };
    const sleep = async (ms: number, signal: AbortSignal) => {
      vi.setSystemTime(Date.now() + ms);
      return !signal.aborted;
    };
    const transport = {
      send: async (hop: { readonly url: URL }) => {
        asked[hop.url.host] = (asked[hop.url.host] ?? 0) + 1;
        return world(hop.url.href);
      },
      close: async () => {},
    };
    const http = makePoliteHttp({ version: "1" }, { clocks, random: () => 0.5, sleep, transport });
    const deps = { http, clock, secrets: makeSecretReader({}) };
    const [network] = config.networks;
    const sources = (network?.sources ?? []).map((source) => makeSource(source, deps));
    const witnesses = (network?.witnesses ?? []).map((witness) => makeWitness(witness, deps));
    const { signal } = new AbortController();
    for (let tick = NOW; tick < NOW + DAY; tick += TICK) {
      vi.setSystemTime(Math.max(Date.now(), tick));
      for (const witness of dueSources(witnesses, tick, TICK)) {
        await witness.look({ signal, now: Date.now() });
      }
      for (const source of dueSources(sources, tick, TICK)) await source.fetch({ signal, now: Date.now() });
    }
    await http.close();
    expect(Object.keys(asked).length).toBeGreaterThan(3);
    for (const [host, requests] of Object.entries(asked)) {
      expect(requests, host).toBeLessThanOrEqual(LIMITS[host] ?? 0);
      if (name === "well") expect(requests, host).toBeGreaterThanOrEqual(287);
    }
  });
});
