/** Whatever an upstream does, each adapter gives one outcome of the closed list, throws nothing and makes no zero of it. */
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ERROR_CLASSES, type FetchOutcome } from "../../src/sources/contract.ts";
import type { PoliteHttp } from "../../src/sources/http/contract.ts";
import { ADAPTER_CASES, type AdapterCase, SECRETS, titleOf, urlOf } from "./adapter-cases.ts";
import { configOf, fetchOnce, type Handler, hastyHttp, sourceOn, startUpstream, type Upstream } from "./upstream.ts";

const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024));
const TEN_MEGABYTES = Buffer.alloc(10 * 1024 * 1024, " ");
const HTML = "<!DOCTYPE html><html><body>Just a moment...</body></html>";

/** The healthy answer of a case, with something done to its text. */
function healthy(each: AdapterCase, change: (text: string) => string = (text) => text): Handler {
  return (request, response, body) => {
    const answer = each.answers[(request.url ?? "").split("?")[0] ?? ""];
    if (answer === undefined) response.statusCode = 404;
    else response.end(change(typeof answer === "function" ? answer(body) : answer));
  };
}

const status =
  (code: number, headers: Record<string, string> = {}, body = HTML): Handler =>
  (_, response) => {
    response.writeHead(code, { "content-type": "text/html", ...headers });
    response.end(body);
  };

interface Trouble {
  readonly name: string;
  readonly handler: (each: AdapterCase) => Handler;
  readonly expected: string;
  /** Where an adapter rightly says something else. */
  readonly otherwise?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly more?: (outcome: FetchOutcome) => void;
}

const date = () => new Date(Date.now() + 90_000).toUTCString();
const waits = (from: number, to: number) => (outcome: FetchOutcome) => {
  if (outcome.kind !== "error") return;
  expect(outcome.retryAfterMs).toBeGreaterThanOrEqual(from);
  expect(outcome.retryAfterMs).toBeLessThanOrEqual(to);
};

const TROUBLES: readonly Trouble[] = [
  { name: "401", handler: () => status(401), expected: "auth" },
  { name: "403", handler: () => status(403), expected: "auth" },
  { name: "404", handler: () => status(404), expected: "http" },
  { name: "418", handler: () => status(418), expected: "rate-limited" },
  { name: "451", handler: () => status(451), expected: "geo-blocked" },
  {
    name: "429 with Retry-After in seconds",
    handler: () => status(429, { "retry-after": "120" }),
    expected: "rate-limited",
    more: waits(120_000, 120_000),
  },
  {
    name: "429 with Retry-After as a date",
    handler: () => status(429, { "retry-after": date() }),
    expected: "rate-limited",
    more: waits(80_000, 95_000),
  },
  {
    name: "429 with garbage in Retry-After",
    handler: () => status(429, { "retry-after": "in a little while" }),
    expected: "rate-limited",
    more: waits(60_000, 60_000),
  },
  // A node explains its errors with status 500, so what cannot be read there is no JSON-RPC.
  { name: "500", handler: () => status(500), expected: "http", otherwise: { bitcoind: "format" } },
  { name: "502", handler: () => status(502), expected: "http" },
  {
    name: "503 without a body",
    handler: () => status(503, {}, ""),
    expected: "http",
    otherwise: { yiimp: "rate-limited" },
  },
  { name: "no answer in time", handler: () => () => undefined, expected: "timeout", timeoutMs: 60 },
  { name: "a reset", handler: () => (request) => request.socket.destroy(), expected: "connect" },
  {
    name: "a body that breaks off",
    handler: () => (request, response) => {
      response.writeHead(200, { "content-length": "5000" });
      response.write('{"result":', () => request.socket.destroy());
    },
    expected: "partial",
  },
  {
    name: "truncated JSON",
    handler: (each) => healthy(each, (text) => text.slice(0, Math.max(1, text.lastIndexOf(":")))),
    expected: "format",
    otherwise: { ckpool: "partial" },
  },
  { name: "HTML with status 200", handler: () => status(200), expected: "format" },
  {
    name: "an empty body",
    handler: () => status(200, {}, ""),
    expected: "format",
    otherwise: { yiimp: "rate-limited", nomp: "empty" },
  },
  {
    name: "204",
    handler: () => status(204, {}, ""),
    expected: "format",
    otherwise: { yiimp: "rate-limited", nomp: "empty" },
  },
  {
    name: "10 MB",
    handler: () => (_, response) => response.end(TEN_MEGABYTES),
    expected: "too-large",
    // A batch of blocks is as large as that.
    otherwise: { bitcoind: "format" },
  },
  {
    name: "a gzip bomb",
    handler: () => (_, response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(BOMB);
    },
    expected: "too-large",
  },
  {
    name: "a redirect to a private address",
    handler: () => status(302, { location: "http://10.1.2.3/latest/meta-data" }),
    expected: "redirect",
  },
  {
    name: "a redirect to loopback by another name",
    handler: () => (request, response) => {
      response.writeHead(302, { location: `http://[::1]:${request.socket.localPort}/` });
      response.end();
    },
    expected: "redirect",
  },
  {
    name: "a circle of redirects",
    handler: () => (request, response) => {
      response.writeHead(301, { location: request.url ?? "/" });
      response.end();
    },
    expected: "redirect",
  },
  { name: "304 that was not asked for", handler: () => status(304), expected: "http" },
  { name: "JSON nested without end", handler: () => status(200, {}, "[".repeat(50_000)), expected: "format" },
];

/** What may stand where the figure should be. */
const NONSENSE: readonly (readonly [string, string])[] = [
  ["null", "null"],
  ['"NaN"', '"NaN"'],
  ["1e400", "1e400"],
  ["a negative figure", "-5.5"],
  ["another unit", '"12.5 Sol/s"'],
  ["words", '"twelve"'],
  ["an object", '{"value": 5}'],
  ["an empty text", '""'],
  ["a figure beyond reason", "1e37"],
];

describe.each(ADAPTER_CASES.map((each) => [titleOf(each), each] as const))("%s", (_, each) => {
  let upstream: Upstream;
  let http: PoliteHttp;
  beforeAll(async () => {
    upstream = await startUpstream();
  });
  afterEach(() => http.close());
  afterAll(() => upstream.close());

  const ask = (handler: Handler, timeoutMs = 5_000) => {
    upstream.answer(handler);
    http = hastyHttp();
    const config = configOf(each.type, urlOf(each, upstream.url), { ...each.config, timeoutMs });
    return sourceOn(config, http, SECRETS);
  };

  it.each(TROUBLES.map((trouble) => [trouble.name, trouble] as const))("%s", async (_, trouble) => {
    const outcome = await fetchOnce(ask(trouble.handler(each), trouble.timeoutMs));
    const result = outcome.kind === "error" ? outcome.class : outcome.kind;
    expect([result, outcome.kind === "error" ? outcome.detail : ""]).toEqual([
      trouble.otherwise?.[each.type] ?? trouble.expected,
      expect.any(String),
    ]);
    trouble.more?.(outcome);
  });

  it.each(NONSENSE)("%s as figure", async (_, text) => {
    const source = ask(healthy(each, (body) => body.replace(each.figure, text)));
    const outcome = await fetchOnce(source);
    if (outcome.kind === "ok") {
      // Null is the upstream's "unknown"; the other regions of a list may well be known.
      const known = outcome.rows.filter((row) => row.kind === "block" || row.hashrate !== null);
      expect(known.length).toBeLessThan(each.rows.length);
      for (const row of known) if (row.kind === "rate") expect(row.hashrate).toBeGreaterThan(0);
    } else if (outcome.kind === "error") {
      expect(ERROR_CLASSES).toContain(outcome.class);
      expect(outcome.detail.length).toBeGreaterThan(5);
    } else {
      expect(outcome.kind).toBe("empty");
    }
  });

  it("nothing listens there", async () => {
    const config = configOf(each.type, urlOf(each, "http://127.0.0.1:9"), each.config);
    http = hastyHttp();
    expect(await fetchOnce(sourceOn(config, http, SECRETS))).toMatchObject({ kind: "error", class: "connect" });
  });

  it("a name that nobody knows", async () => {
    const config = configOf(each.type, urlOf(each, "http://no-such-host.invalid"), each.config);
    http = hastyHttp();
    expect(await fetchOnce(sourceOn(config, http, SECRETS))).toMatchObject({ kind: "error", class: "dns" });
  });

  it("a private address, where the configuration does not allow it", async () => {
    upstream.answer(healthy(each));
    const config = configOf(each.type, urlOf(each, upstream.url), { ...each.config, allowPrivate: false });
    http = hastyHttp();
    const before = upstream.asked.length;
    const outcome = await fetchOnce(sourceOn(config, http, SECRETS));
    expect(outcome).toMatchObject({ kind: "error", class: "connect", detail: expect.stringContaining("private") });
    expect(upstream.asked.length).toBe(before);
  });

  it("unchanged since the last time", async () => {
    const plain = healthy(each);
    const source = ask((request, response, body) => {
      if (request.headers["if-none-match"] === '"v1"') {
        response.writeHead(304);
        response.end();
        return;
      }
      response.setHeader("etag", '"v1"');
      plain(request, response, body);
    });
    expect(await fetchOnce(source)).toMatchObject({ kind: "ok" });
    // Where two documents belong together, or a POST is sent, nothing is asked conditionally.
    const always = ["blockchain-info", "braiins-insights", "miningrigrentals"].includes(each.type);
    expect(await fetchOnce(source)).toMatchObject({ kind: always ? "ok" : "not-modified" });
  });

  it("after an answer that could not be read, the next one is asked for in full", async () => {
    const source = ask((_request, response) => {
      response.setHeader("etag", '"v1"');
      response.end(HTML);
    });
    await fetchOnce(source);
    upstream.answer(healthy(each));
    expect(await fetchOnce(source)).toMatchObject({ kind: "ok" });
    expect(upstream.asked.at(-1)?.headers["if-none-match"]).toBeUndefined();
  });
});
