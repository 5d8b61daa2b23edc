import type { LookupFunction } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { systemClocks } from "../../src/model/clock.ts";
import type { HttpRequest, PoliteHttp } from "../../src/sources/http/contract.ts";
import { makePoliteHttp } from "../../src/sources/http/polite-http.ts";
import { makeTransport } from "../../src/sources/http/transport.ts";
import { hastyHttp, startUpstream, type Upstream } from "./upstream.ts";

const signal = new AbortController().signal;
const base = { limits: { spacingMs: 0 }, timeoutMs: 2_000, allowPrivate: true, signal };

const get = (http: PoliteHttp, url: string, more: Partial<HttpRequest> = {}) => http.request({ ...base, url, ...more });

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
