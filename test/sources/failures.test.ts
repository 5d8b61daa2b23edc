/** Whatever an upstream does, each adapter gives one outcome of the closed list, throws nothing and makes no zero of it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { ERROR_CLASSES } from "../../src/sources/contract.ts";
import type { PoliteHttp } from "../../src/sources/http/contract.ts";
import { ADAPTER_CASES, type AdapterCase, SECRETS, titleOf, urlOf } from "./adapter-cases.ts";
import { HTML, NONSENSE, TROUBLES } from "./troubles.ts";
import { configOf, fetchOnce, type Handler, hastyHttp, sourceOn, startUpstream, type Upstream } from "./upstream.ts";

/** The healthy answer of a case, with something done to its text. */
function healthy(each: AdapterCase, change: (text: string) => string = (text) => text): Handler {
  return (request, response, body) => {
    const answer = each.answers[(request.url ?? "").split("?")[0] ?? ""];
    if (answer === undefined) response.statusCode = 404;
    else response.end(change(typeof answer === "function" ? answer(body) : answer));
  };
}

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
    const outcome = await fetchOnce(
      ask(
        trouble.handler((change) => healthy(each, change)),
        trouble.timeoutMs,
      ),
    );
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
