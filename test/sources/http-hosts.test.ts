import { describe, expect, it } from "vitest";
import type { Clocks } from "../../src/model/clock.ts";
import type { HttpRequest, PoliteHttp } from "../../src/sources/http/contract.ts";
import { DailyBudget } from "../../src/sources/http/daily-budget.ts";
import { makePoliteHttp } from "../../src/sources/http/polite-http.ts";
import type { Hop, HopResult, Transport } from "../../src/sources/http/transport.ts";

const signal = new AbortController().signal;
const base = { limits: { spacingMs: 0 }, timeoutMs: 2_000, allowPrivate: true, signal };

/** A world without sockets: time moves only when somebody waits. */
function fakeWorld(answer: (hop: Hop, at: number) => HopResult | Promise<HopResult>) {
  let now = 1_767_225_600_000;
  const asked: { at: number; url: string }[] = [];
  const clock = { now: () => now };
  const clocks: Clocks = { data: clock, real: clock, speed: 1 };
  const transport: Transport = {
    send: async (hop) => {
      asked.push({ at: now, url: hop.url.href });
      return answer(hop, now);
    },
    close: async () => undefined,
  };
  const http = makePoliteHttp(
    { version: "1" },
    {
      clocks,
      transport,
      random: () => 0,
      sleep: async (ms, stop) => {
        now += ms;
        return !stop.aborted;
      },
    },
  );
  const pass = (ms: number) => {
    now += ms;
  };
  return { http, asked, pass };
}

const ok: HopResult = { kind: "response", status: 200, headers: {}, body: Buffer.from("{}") };
const reply = (status: number, headers: Record<string, string> = {}): HopResult => ({
  kind: "response",
  status,
  headers,
  body: Buffer.alloc(0),
});
const get = (http: PoliteHttp, url: string, more: Partial<HttpRequest> = {}) => http.request({ ...base, url, ...more });

describe("a host", () => {
  it("is asked one request at a time, at the strictest distance that any source declares", async () => {
    const { http, asked } = fakeWorld(() => ok);
    const slow = { limits: { spacingMs: 6_000 } };
    await Promise.all([
      get(http, "https://a.example/1", slow),
      get(http, "https://a.example/2"),
      get(http, "https://a.example/3"),
      get(http, "https://b.example/1"),
    ]);
    const times = asked.filter(({ url }) => url.includes("a.example")).map(({ at }) => at);
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(6_000);
    expect(times[2]! - times[1]!).toBeGreaterThanOrEqual(6_000);
  });

  it("that says 429 is left alone as long as it asks, by all its sources", async () => {
    const { http, asked, pass } = fakeWorld(() => (asked.length === 1 ? reply(429, { "retry-after": "300" }) : ok));
    expect(await get(http, "https://a.example/1")).toMatchObject({
      class: "rate-limited",
      retryAfterMs: 300_000,
      banRisk: true,
    });
    pass(299_000);
    expect(await get(http, "https://a.example/2")).toMatchObject({ class: "rate-limited", retryAfterMs: 1_000 });
    expect(asked.length).toBe(1);
    pass(1_000);
    expect(await get(http, "https://a.example/2")).toMatchObject({ kind: "document" });
  });

  it("that goes on saying 429 without a time is left alone for longer and longer, an hour at most", async () => {
    const { http, pass } = fakeWorld(() => reply(429));
    const holds: number[] = [];
    for (let i = 0; i < 9; i++) {
      const outcome = await get(http, "https://a.example/");
      if (outcome.kind === "error") holds.push((outcome.retryAfterMs ?? 0) / 60_000);
      pass(outcome.kind === "error" ? (outcome.retryAfterMs ?? 0) : 0);
    }
    expect(holds).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  it("is asked no more than a source's budget in any 24 hours, whatever other sources ask", async () => {
    const { http, asked, pass } = fakeWorld(() => ok);
    const limits = { spacingMs: 0, budget: new DailyBudget(10) };
    for (let i = 0; i < 72 * 4; i++) {
      await get(http, "https://a.example/", { limits });
      pass(900_000);
    }
    const most = Math.max(...asked.map(({ at }) => asked.filter((b) => b.at >= at && b.at < at + 86_400_000).length));
    expect(most).toBe(10);
    expect(await get(http, "https://a.example/other")).toMatchObject({ kind: "document" });
    expect(await get(http, "https://a.example/", { limits })).toMatchObject({ class: "rate-limited" });
  });

  it("that is down is left alone after five failures in a row, and tried again with one request", async () => {
    const { http, asked } = fakeWorld(() => ({ kind: "error", class: "connect", detail: "refused" }));
    for (let i = 0; i < 10; i++) await get(http, "https://a.example/");
    // Two tries a request until the fifth failure opens the circuit.
    expect(asked.length).toBe(5);
    expect(await get(http, "https://a.example/")).toMatchObject({
      class: "connect",
      detail: expect.stringContaining("left alone after 5 failures"),
    });
  });

  it("is asked a second time in the tick after a failure that may pass, and never after a refusal", async () => {
    for (const [status, times] of [
      [500, 2],
      [503, 2],
      [404, 1],
      [401, 1],
      [429, 1],
      [418, 1],
    ] as const) {
      const { http, asked } = fakeWorld(() => reply(status));
      await get(http, "https://a.example/");
      expect([status, asked.length]).toEqual([status, times]);
    }
    const { http, asked } = fakeWorld(() => reply(503, { "retry-after": "30" }));
    await get(http, "https://a.example/");
    expect(asked.length).toBe(1);
  });
});
