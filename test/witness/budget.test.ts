/** A day of asking the shipped witnesses in a world without sockets: no host is asked beyond what is polite. */
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadConfigFile } from "../../src/config/load.ts";
import type { Clocks } from "../../src/model/clock.ts";
import { dueSources } from "../../src/poll/due.ts";
import { makePoliteHttp } from "../../src/sources/http/polite-http.ts";
import type { HopResult } from "../../src/sources/http/transport.ts";
import { makeSecretReader } from "../../src/sources/secret.ts";
import { makeWitness } from "../../src/sources/witness/registry.ts";
import { ROOT } from "../house/source-files.ts";
import { fixture, NOW } from "../sources/upstream.ts";

const DAY = 86_400_000;
const TICK = 300_000;

/**
 * Requests a day. IODA and ERCOT publish no limit: two documents every five minutes, once more where a retry is allowed.
 * The exchanges allow one a second and more; a price in five minutes is all that is needed.
 */
const LIMITS: Readonly<Record<string, number>> = {
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

const BODIES: readonly (readonly [RegExp, string])[] = [
  [/ioda/, "ioda.json"],
  [/daily-prc/, "ercot-prc.json"],
  [/system-wide/, "ercot-prices.json"],
  [/kraken/, "kraken.json"],
  [/coinbase/, "coinbase.json"],
  [/binance/, "binance.json"],
];

const WORLDS: readonly (readonly [string, (url: string) => HopResult])[] = [
  [
    "well",
    (url) => {
      const file = BODIES.find(([pattern]) => pattern.test(url))?.[1];
      return file === undefined ? answer(404, "") : answer(200, fixture(`witness/${file}`));
    },
  ],
  ["failing with 500", () => answer(500, "")],
  ["asking to wait", () => answer(429, "", { "retry-after": "90" })],
];

describe("a day of witnesses", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each(WORLDS)("that are %s", async (name, world) => {
    vi.setSystemTime(NOW);
    const config = await loadConfigFile(join(ROOT, "config/bitcoin.yaml"), { env: {} });
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
    const witnesses = (config.networks[0]?.witnesses ?? []).map((witness) => makeWitness(witness, deps));
    for (let tick = NOW; tick < NOW + DAY; tick += TICK) {
      vi.setSystemTime(Math.max(Date.now(), tick));
      for (const witness of dueSources(witnesses, tick, TICK)) {
        await witness.look({ signal: new AbortController().signal, now: Date.now() });
      }
    }
    await http.close();
    expect(Object.keys(asked).sort()).toEqual(Object.keys(LIMITS).sort());
    for (const [host, requests] of Object.entries(asked)) {
      expect(requests, host).toBeLessThanOrEqual(LIMITS[host] ?? 0);
      if (name === "well") expect(requests, host).toBeGreaterThanOrEqual(288);
    }
  });
});
