/** What an upstream can do wrong, and which class of the closed list each is: the same for sources and witnesses. */
import { gzipSync } from "node:zlib";
import { expect } from "vitest";
import type { FetchOutcome } from "../../src/sources/contract.ts";
import type { WitnessOutcome } from "../../src/sources/witness/contract.ts";
import type { Handler } from "./upstream.ts";

type Told = FetchOutcome | WitnessOutcome;

const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024));
const TEN_MEGABYTES = Buffer.alloc(10 * 1024 * 1024, " ");
export const HTML = "<!DOCTYPE html><html><body>Just a moment...</body></html>";

const status =
  (code: number, headers: Record<string, string> = {}, body = HTML): Handler =>
  (_, response) => {
    response.writeHead(code, { "content-type": "text/html", ...headers });
    response.end(body);
  };

export interface Trouble {
  readonly name: string;
  /** @param healthy the right answer, with something done to its text */
  readonly handler: (healthy: (change?: (text: string) => string) => Handler) => Handler;
  readonly expected: string;
  /** Where a type rightly says something else. */
  readonly otherwise?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly more?: (outcome: Told) => void;
}

const date = () => new Date(Date.now() + 90_000).toUTCString();
const waits = (from: number, to: number) => (outcome: Told) => {
  if (outcome.kind !== "error") return;
  expect(outcome.retryAfterMs).toBeGreaterThanOrEqual(from);
  expect(outcome.retryAfterMs).toBeLessThanOrEqual(to);
};

export const TROUBLES: readonly Trouble[] = [
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
    handler: (healthy) => healthy((text) => text.slice(0, Math.max(1, text.lastIndexOf(":")))),
    expected: "partial",
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
export const NONSENSE: readonly (readonly [string, string])[] = [
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
