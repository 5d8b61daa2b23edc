/** A day of polling every source at a one-minute tick, in a world without sockets: no host is asked beyond its limit. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Clocks } from "../../src/model/clock.ts";
import { dueSources } from "../../src/poll/due.ts";
import type { Source } from "../../src/sources/contract.ts";
import { makePoliteHttp } from "../../src/sources/http/polite-http.ts";
import type { HopResult } from "../../src/sources/http/transport.ts";
import { makeSource, SOURCE_TYPES } from "../../src/sources/registry.ts";
import { makeSecretReader } from "../../src/sources/secret.ts";
import { ADAPTER_CASES, SECRETS } from "./adapter-cases.ts";
import { configOf, NOW } from "./upstream.ts";

const DAY = 86_400_000;
const TICK = 60_000;

/**
 * Requests a day and milliseconds between two that each public host allows, as its documentation, source or clients say;
 * where nothing is published, what a page left open would ask (one in five minutes, twice that with retries).
 */
const LIMITS: Readonly<Record<string, { day: number; spacing: number }>> = {
  "mempool.space": { day: 1_440, spacing: 1_000 },
  "solo.ckpool.org": { day: 2_880, spacing: 1_000 },
  "eusolo.ckpool.org": { day: 2_880, spacing: 1_000 },
  "api.foundryusapool.com": { day: 576, spacing: 1_000 },
  "www.antpool.com": { day: 576, spacing: 1_000 },
  "www.viabtc.com": { day: 576, spacing: 1_000 },
  "pool.binance.com": { day: 576, spacing: 1_000 },
  "api.ocean.xyz": { day: 2_880, spacing: 1_000 },
  "pool.braiins.com": { day: 17_280, spacing: 5_000 },
  "insights.braiins.com": { day: 8_640, spacing: 10_000 },
  "public-pool.io:40557": { day: 576, spacing: 1_000 },
  "www.miningrigrentals.com": { day: 8_640, spacing: 1_000 },
  "blockchain.info": { day: 8_640, spacing: 10_000 },
  "pool.example": { day: 2_880, spacing: 1_000 },
};

type World = (path: string, body: string, count: number) => HopResult;

const answer = (status: number, text: string, headers: Record<string, string> = {}): HopResult => ({
  kind: "response",
  status,
  headers,
  body: Buffer.from(text),
});

const healthy: World = (path, body) => {
  const found = ADAPTER_CASES.find((each) => path in each.answers && path !== "/private/rate")?.answers[path];
  return found === undefined ? answer(404, "") : answer(200, typeof found === "function" ? found(body) : found);
};

const WORLDS: readonly (readonly [string, World])[] = [
  ["well", healthy],
  ["failing with 500", () => answer(500, "")],
  ["refusing connections", () => ({ kind: "error", class: "connect", detail: "refused" })],
  [
    "asking to wait",
    (_path, _body, count) => (count % 3 === 0 ? answer(429, "", { "retry-after": "90" }) : answer(429, "")),
  ],
  ["flapping", (path, body, count) => (count % 2 === 0 ? healthy(path, body, count) : answer(503, ""))],
  ["sent in circles", (path) => answer(302, "", { location: path })],
];

describe("a day of polling", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each(WORLDS)("of upstreams that are %s", async (_, world) => {
    // The circuit breaker keeps its own time by Date.
    vi.setSystemTime(NOW);
    const asked = new Map<string, number[]>();
    const clock = { now: () => Date.now() };
    const clocks: Clocks = { data: clock, real: clock, speed: 1 };
    const http = makePoliteHttp(
      { version: "1" },
      {
        clocks,
        random: () => 0.5,
        sleep: async (ms, signal) => {
          vi.setSystemTime(Date.now() + ms);
          return !signal.aborted;
        },
        transport: {
          send: async (hop) => {
            const times = asked.get(hop.url.host) ?? [];
            times.push(Date.now());
            asked.set(hop.url.host, times);
            return world(hop.url.pathname, hop.body ?? "", times.length);
          },
          close: async () => undefined,
        },
      },
    );
    const deps = { http, clock, secrets: makeSecretReader(SECRETS) };
    const sources: Source[] = [];
    for (const each of new Map(ADAPTER_CASES.map((each) => [each.type, each])).values()) {
      const url = SOURCE_TYPES[each.type]?.defaults.url;
      // The node and private documents are nobody's but the user's.
      if (url === undefined || each.type === "bitcoind") continue;
      const { url: _url, ...config } = configOf(each.type, "", {
        ...each.config,
        intervalMs: TICK,
        allowPrivate: false,
      });
      sources.push(makeSource(config, deps));
    }
    sources.push(makeSource(configOf("ckpool", "https://eusolo.ckpool.org", { id: "eu", allowPrivate: false }), deps));
    // One host, three sources.
    for (const path of ["a", "b", "c"]) {
      const options = { poolId: path };
      sources.push(
        makeSource(
          configOf("nomp", "https://pool.example", { id: path, options, intervalMs: 180_000, allowPrivate: false }),
          deps,
        ),
      );
    }
    const { signal } = new AbortController();
    for (let tick = NOW + TICK; tick <= NOW + DAY; tick += TICK) {
      vi.setSystemTime(Math.max(Date.now(), tick));
      for (const source of dueSources(sources, tick, TICK)) await source.fetch({ signal, now: Date.now() });
    }
    expect([...asked.keys()].sort()).toEqual(Object.keys(LIMITS).sort());
    for (const [host, times] of asked) {
      const limit = LIMITS[host]!;
      const gaps = times.slice(1).map((at, i) => at - times[i]!);
      expect([host, times.length <= limit.day, Math.min(...gaps) >= limit.spacing]).toEqual([host, true, true]);
      expect(times.length).toBeGreaterThan(10);
    }
    await http.close();
  });
});
