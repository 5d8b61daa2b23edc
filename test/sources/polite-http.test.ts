import type { LookupFunction } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type Clocks, systemClocks } from "../../src/model/clock.ts";
import { isPublicAddress } from "../../src/sources/http/addresses.ts";
import type { HttpRequest, PoliteHttp } from "../../src/sources/http/contract.ts";
import { DailyBudget } from "../../src/sources/http/daily-budget.ts";
import { makePoliteHttp } from "../../src/sources/http/polite-http.ts";
import { redact } from "../../src/sources/http/redact.ts";
import { retryAfterMs } from "../../src/sources/http/retry-after.ts";
import { classOfStatus } from "../../src/sources/http/status.ts";
import { type Hop, type HopResult, makeTransport, type Transport } from "../../src/sources/http/transport.ts";
import { hastyHttp, startUpstream, type Upstream } from "./upstream.ts";

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

describe("over real sockets", () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close();
  });
  const start = async (...args: Parameters<typeof startUpstream>): Promise<Upstream> => {
    const upstream = await startUpstream(...args);
    open.push(upstream);
    return upstream;
  };
  const hasty = () => {
    const http = hastyHttp();
    open.push(http);
    return http;
  };

  it("a redirect within the host is followed, three at most, and each counts as a request", async () => {
    const upstream = await start((request, response) => {
      const step = Number(request.url?.slice(1));
      if (step === 3) return response.end("[3]");
      response.writeHead(302, { location: `/${step + 1}` });
      return response.end();
    });
    expect(await get(hasty(), `${upstream.url}/0`)).toMatchObject({ kind: "document", text: "[3]" });
    expect(upstream.asked.length).toBe(4);
  });

  it("secrets do not go along to another host", async () => {
    const other = await start((_, response) => response.end("{}"));
    const upstream = await start((_, response) => {
      response.writeHead(302, { location: other.url });
      response.end();
    });
    const lookup = toLoopback();
    const http = overLookup(lookup);
    const outcome = await get(http, upstream.url, { headers: { "Pool-Auth-Token": "sentinel" } });
    // 127.0.0.1 again, on another port: the same host name, so it is reached, but it is another server.
    expect(outcome.kind).toBe("document");
    expect(other.asked[0]?.headers["pool-auth-token"]).toBeUndefined();
    expect(upstream.asked[0]?.headers["pool-auth-token"]).toBe("sentinel");
  });

  it("a name that leads to a private address is refused at the connection, whatever it said before", async () => {
    const upstream = await start((_, response) => response.end("{}"));
    const port = new URL(upstream.url).port;
    const http = overLookup(toLoopback());
    const refused = await get(http, `http://pool.example:${port}/`, { allowPrivate: false });
    expect(refused).toMatchObject({ class: "connect", detail: expect.stringContaining("private address") });
    expect(upstream.asked.length).toBe(0);
    expect(await get(http, `http://pool.example:${port}/`)).toMatchObject({ kind: "document" });
  });

  it("a redirect by name into the house is refused even for a source that may be private", async () => {
    const upstream = await start((_, response) => {
      response.writeHead(302, { location: `http://inner.example:${new URL(upstream.url).port}/` });
      response.end();
    });
    const http = overLookup(toLoopback());
    expect(await get(http, upstream.url)).toMatchObject({ class: "redirect" });
    expect(upstream.asked.length).toBe(1);
  });

  it.each([
    ["http://x@", "no http"],
    ["file:///etc/passwd", "scheme"],
    ["gopher://127.0.0.1/", "scheme"],
  ])("%s is no address to ask", async (url) => {
    expect(await get(hasty(), url)).toMatchObject({ kind: "error", class: "connect" });
  });

  it.each([["file:///etc/passwd"], ["javascript:1"], [""]])("a redirect to %j is not followed", async (location) => {
    const upstream = await start((_, response) => {
      response.writeHead(302, { location });
      response.end();
    });
    const outcome = await get(hasty(), upstream.url);
    expect(outcome).toMatchObject({ class: "redirect" });
  });

  it("the deadline of a tick ends a request under way", async () => {
    const upstream = await start(() => undefined);
    const tick = new AbortController();
    const pending = get(hasty(), upstream.url, { signal: tick.signal, timeoutMs: 60_000 });
    setTimeout(() => tick.abort(), 20);
    expect(await pending).toMatchObject({ class: "timeout", detail: expect.stringContaining("deadline") });
  });

  it("close ends what is under way and refuses what comes after", async () => {
    const upstream = await start(() => undefined);
    const http = hastyHttp();
    const pending = get(http, upstream.url, { timeoutMs: 60_000 });
    setTimeout(() => void http.close(), 20);
    expect(await pending).toMatchObject({ kind: "error", class: "timeout" });
    expect(await get(http, upstream.url)).toMatchObject({ kind: "error" });
  });

  it("deflate and brotli are read, and an encoding that was not asked for is refused", async () => {
    const { brotliCompressSync, deflateSync } = await import("node:zlib");
    const bodies = { br: brotliCompressSync("[1]"), deflate: deflateSync("[1]"), compress: Buffer.from("[1]") };
    const upstream = await start((request, response) => {
      const encoding = request.url?.slice(1) as keyof typeof bodies;
      response.setHeader("content-encoding", encoding);
      response.end(bodies[encoding]);
    });
    const http = hasty();
    expect(await get(http, `${upstream.url}/br`)).toMatchObject({ text: "[1]" });
    expect(await get(http, `${upstream.url}/deflate`)).toMatchObject({ text: "[1]" });
    expect(await get(http, `${upstream.url}/compress`)).toMatchObject({ class: "format" });
  });

  function toLoopback(): LookupFunction {
    return (_, options, callback) => {
      const found = [{ address: "127.0.0.1", family: 4 }];
      if (options.all) (callback as (e: null, a: typeof found) => void)(null, found);
      else callback(null, "127.0.0.1", 4);
    };
  }
  function overLookup(lookup: LookupFunction): PoliteHttp {
    const http = makePoliteHttp(
      { version: "1" },
      { clocks: systemClocks(), transport: makeTransport({ lookup }), sleep: async () => true },
    );
    open.push(http);
    return http;
  }
});

describe("small parts", () => {
  it.each([
    ["8.8.8.8", true],
    ["2606:4700::1111", true],
    ["10.0.0.1", false],
    ["127.0.0.1", false],
    ["169.254.169.254", false],
    ["100.64.0.1", false],
    ["192.168.1.1", false],
    ["172.16.5.4", false],
    ["0.0.0.0", false],
    ["255.255.255.255", false],
    ["224.0.0.1", false],
    ["198.18.0.1", false],
    ["::1", false],
    ["fc00::1", false],
    ["fe80::1", false],
    ["::ffff:10.0.0.1", false],
    ["64:ff9b::a00:1", false],
    ["2002:a00:1::", false],
    ["no address", false],
  ])("%s is public: %s", (address, expected) => {
    expect(isPublicAddress(address)).toBe(expected);
  });

  it.each([
    ["120", 120_000],
    ["0", 0],
    [" 1.5 ", 1_500],
    ["Thu, 01 Jan 2026 00:02:00 GMT", 120_000],
    ["Wed, 31 Dec 2025 23:59:00 GMT", 0],
    ["99999999", 86_400_000],
    ["-5", undefined],
    ["5 minutes", undefined],
    ["soon", undefined],
    ["2", 2_000],
    ["", undefined],
  ])("Retry-After %j is %j ms", (header, expected) => {
    expect(retryAfterMs(header, 1_767_225_600_000)).toBe(expected);
  });

  it("an adapter's own table of statuses wins", () => {
    expect(classOfStatus(503)).toBe("http");
    expect(classOfStatus(503, { 503: "rate-limited" })).toBe("rate-limited");
    expect([402, 418, 429, 430].map((status) => classOfStatus(status))).toEqual(Array(4).fill("rate-limited"));
  });

  it("secrets are cut out in every form, and users from URLs", () => {
    const secret = "s3cret/+token";
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")];
    const text = redact(`failed ${forms.join(" ")} at https://user:pw@example.com/x\nnext`, [secret]);
    for (const form of [...forms, "pw@"]) expect(text).not.toContain(form);
    expect(text).toContain("https://[redacted]@example.com/x next");
    expect(redact("x".repeat(1_000), []).length).toBe(160);
  });
});
