/** A local HTTP server that plays an upstream, and the sources that ask it. */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import type { SourceConfig } from "../../src/config/resolve/resolved.ts";
import { systemClocks } from "../../src/model/clock.ts";
import type { FetchOutcome, Source } from "../../src/sources/contract.ts";
import type { PoliteHttp } from "../../src/sources/http/contract.ts";
import { makePoliteHttp } from "../../src/sources/http/polite-http.ts";
import { makeTransport } from "../../src/sources/http/transport.ts";
import { makeSource } from "../../src/sources/registry.ts";
import { makeSecretReader } from "../../src/sources/secret.ts";

export const FIXTURES = join(import.meta.dirname, "../fixtures/sources");

/** Text of an own fixture, like `fixture("ckpool/pool.status")`. */
export function fixture(path: string): string {
  return readFileSync(join(FIXTURES, path), "utf8");
}

/** 2026-01-01T00:00:00Z: the moment the fixtures are about. */
export const NOW = 1_767_225_600_000;

export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface Upstream {
  readonly url: string;
  /** What was asked, in order: method, path, headers, body. */
  readonly asked: { method: string; path: string; headers: IncomingMessage["headers"]; body: string }[];
  answer(handler: Handler): void;
  close(): Promise<void>;
}

export async function startUpstream(handler: Handler = (_, response) => response.end()): Promise<Upstream> {
  let current = handler;
  const asked: Upstream["asked"] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => {
      body += piece.toString();
    });
    request.on("end", () => {
      asked.push({ method: request.method ?? "", path: request.url ?? "", headers: request.headers, body });
      current(request, response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    answer: (next) => {
      current = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Polite HTTP on real sockets whose waits take no time. */
export function hastyHttp(): PoliteHttp {
  return makePoliteHttp(
    { version: "0.0.0-test", contact: "https://example.invalid/hashfall" },
    {
      clocks: systemClocks(),
      transport: makeTransport(),
      sleep: (_, signal) => Promise.resolve(!signal.aborted),
      random: () => 0,
    },
  );
}

export function configOf(type: string, url: string, more: Partial<SourceConfig> = {}): SourceConfig {
  return {
    id: type,
    type,
    url,
    pools: { "our-pool": "our-pool" },
    region: null,
    intervalMs: 60_000,
    timeoutMs: 5_000,
    allowPrivate: true,
    options: {},
    ...more,
  };
}

export function sourceOn(config: SourceConfig, http: PoliteHttp, env: Record<string, string> = {}): Source {
  return makeSource(config, { http, clock: { now: () => NOW }, secrets: makeSecretReader(env) });
}

export function fetchOnce(source: Source, now = NOW): Promise<FetchOutcome> {
  return source.fetch({ signal: new AbortController().signal, now });
}
