import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeKeys } from "../../src/store/keys.ts";
import { makeSilences } from "../../src/store/silences.ts";
import { alertEvent, endedEvent, startTestGateway, type TestGateway, TICK } from "./support.ts";

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** A request with any Host header, which `fetch` would not send. */
function call(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: options.method ?? "GET", headers: options.headers ?? {} }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    sent.on("error", reject);
    sent.end(options.body);
  });
}

const json = { "content-type": "application/json" };

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway();
  await t.publisher.publish([alertEvent({ id: "a", revision: 1 })]);
  await t.publisher.publish([
    endedEvent("a"),
    alertEvent({
      id: "b",
      revision: 1,
      region: null,
      ambiguous: true,
      candidates: [{ region: "RU", probability: 0.5 }],
    }),
    alertEvent({ id: "c", revision: 1, region: "US-TX" }),
  ]);
  while (!(await (await fetch(`${t.url}/api/v1/networks`)).text()).includes('"at"'));
});
afterAll(() => t.stop());

async function get<T = { items: Record<string, unknown>[]; next: string | null }>(path: string): Promise<T> {
  const response = await fetch(`${t.url}/api/v1${path}`);
  expect(response.status, path).toBe(200);
  return (await response.json()) as T;
}

const START = Date.UTC(2022, 0, 5);

describe("lists", () => {
  it("networks say their state, tick and data time", async () => {
    const { items, next } = await get("/networks");
    expect(next).toBeNull();
    expect(items).toEqual([
      expect.objectContaining({ network: "bitcoin", intervalSeconds: 300, state: "ok", speed: 1, hashrate: 1.7e20 }),
    ]);
  });

  it("regions carry their estimates and who mines there; what is unknown is absent", async () => {
    const { items } = await get("/regions?network=bitcoin");
    const byRegion = new Map(items.map((item) => [item.region, item]));
    expect(byRegion.get("KZ")).toMatchObject({
      drop: 0.71,
      hashrate: 9e18,
      pools: [{ pool: "antpool", weight: 0.19 }],
    });
    expect(byRegion.get("US-TX")).not.toHaveProperty("hashrate");
    expect(byRegion.get("RU")).not.toHaveProperty("drop");
  });

  it("pools stand against expectation, sources with what is thought of them", async () => {
    expect((await get("/pools")).items).toEqual([
      expect.objectContaining({ pool: "antpool", state: "ok", expected: 2.9e19, windowSeconds: 3600 }),
      expect.objectContaining({ pool: "f2pool", state: "stale" }),
    ]);
    expect((await get("/sources")).items).toEqual([
      expect.objectContaining({ source: "antpool", verdict: "ok", intervalSeconds: 300 }),
    ]);
  });

  it.each([
    ["", ["c", "b", "a"]],
    ["?state=open", ["c", "b"]],
    ["?state=resolved", ["a"]],
    ["?region=RU", ["b"]],
    ["?region=US", ["c"]],
    ["?region=NO", []],
    ["?network=bitcoin&scope=region&since=2022-01-01T00:00:00Z", ["c", "b", "a"]],
    ["?since=2030-01-01T00:00:00Z", []],
  ])("alerts%s", async (query, ids) => {
    expect((await get(`/alerts${query}`)).items.map(({ id }) => id).sort()).toEqual([...ids].sort());
  });

  it("alerts go on where the page before ended", async () => {
    const ids: unknown[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const page: { items: { id: string }[]; next: string | null } = await get(
        `/alerts?limit=1${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    }
    expect(ids.sort()).toEqual(["a", "b", "c"]);
  });
});

describe("one alert", () => {
  it("comes with all its events, oldest first, and with what has become of it", async () => {
    const alert = await get<{ state: string; events: { revision: number }[] }>("/alerts/a");
    expect(alert.state).toBe("resolved");
    expect(alert.events.map(({ revision }) => revision)).toEqual([1, 2]);
  });

  it("is explained by what its figures were computed from", async () => {
    expect(await get("/alerts/a/explain")).toEqual({ id: "a", revision: 2, bundle: { rows: [] } });
  });

  it("that did not open says why", async () => {
    expect((await get("/not-opened?network=bitcoin")).items).toEqual([]);
    const entry = { scope: "region", region: "KZ", pool: null, reason: "habit", ticks: 3, score: 14, needed: 9 };
    const entries = [{ ...entry, firstAt: START, lastAt: START + 600_000 }];
    const bundle = { kind: "not-opened", network: "bitcoin", at: START, entries };
    await t.publisher.publish([], {}, [{ id: "bitcoin-not-opened", revision: 1, bundle }]);
    expect((await get("/not-opened")).items).toEqual([
      expect.objectContaining({
        ...entry,
        network: "bitcoin",
        lastAt: new Date(START + 600_000).toISOString().replace(".000", ""),
        why: expect.stringContaining("day after day"),
      }),
    ]);
    expect((await get("/alerts")).items.map(({ id }) => id)).not.toContain("bitcoin-not-opened");
  });

  it("is acknowledged with a note that everybody sees", async () => {
    const url = `${t.url}/api/v1/alerts/b/ack`;
    const post = (body: object) => call(url, { method: "POST", headers: json, body: JSON.stringify(body) });
    expect((await post({ note: "seen", by: "ana" })).status).toBe(200);
    expect((await post({ verdict: "other" })).status).toBe(400);
    expect((await post({ verdict: "other", region: "RU" })).status).toBe(200);
    const acks = [
      { by: "ana", note: "seen" },
      { note: "", verdict: "other", region: "RU" },
    ];
    expect(await get("/alerts/b")).toMatchObject({ acks, ack: { verdict: "other" } });
  });
});

describe("history", () => {
  it("gives points with an ETag, and 304 while nothing has changed", async () => {
    const path = `/history?network=bitcoin&region=KZ&from=${new Date(TICK).toISOString()}&to=${new Date(TICK + 3_600_000).toISOString()}`;
    const { items } = await get(path);
    expect(items[0]).toMatchObject({ at: "2022-01-05T10:55:00Z", hashrate: expect.any(Number) });
    const first = await call(`${t.url}/api/v1${path}`);
    const again = await call(`${t.url}/api/v1${path}`, { headers: { "if-none-match": String(first.headers.etag) } });
    expect([again.status, again.body]).toEqual([304, ""]);
  });
});

describe("refusals are problems with a stable code", () => {
  it.each<[string, string, Parameters<typeof call>[1], number, string]>([
    ["no such path", "/nowhere", {}, 404, "not-found"],
    ["no such alert", "/api/v1/alerts/none", {}, 404, "not-found"],
    ["no such explanation", "/api/v1/alerts/none/explain", {}, 404, "not-found"],
    ["an unknown network", "/api/v1/regions?network=doge", {}, 400, "unknown-network"],
    ["a limit that is no number", "/api/v1/alerts?limit=many", {}, 400, "bad-request"],
    ["a cursor of another list", "/api/v1/alerts?cursor=x", {}, 400, "bad-request"],
    ["a region in small letters", "/api/v1/alerts?region=kz", {}, 400, "bad-request"],
    [
      "a span that ends before it begins",
      "/api/v1/history?from=2022-01-02T00:00:00Z&to=2022-01-01T00:00:00Z",
      {},
      400,
      "bad-request",
    ],
    ["a step of nothing", "/api/v1/history?step=0m", {}, 400, "bad-request"],
    [
      "a body that is no JSON",
      "/api/v1/alerts/a/ack",
      { method: "POST", headers: json, body: "{" },
      400,
      "bad-request",
    ],
    [
      "a field of a wrong type",
      "/api/v1/alerts/a/ack",
      { method: "POST", headers: json, body: '{"note":1}' },
      400,
      "bad-request",
    ],
    [
      "a body without end",
      "/api/v1/alerts/a/ack",
      { method: "POST", headers: json, body: "x".repeat(70_000) },
      413,
      "too-large",
    ],
    [
      "a body in chunks",
      "/api/v1/alerts/a/ack",
      { method: "POST", headers: { ...json, "transfer-encoding": "chunked" }, body: "{}" },
      411,
      "length-required",
    ],
    ["a foreign name", "/api/v1/alerts", { headers: { host: "evil.example" } }, 421, "host-not-allowed"],
    [
      "a page of another site that writes",
      "/api/v1/alerts/a/ack",
      { method: "POST", headers: { ...json, origin: "https://evil.example" }, body: "{}" },
      403,
      "origin-not-allowed",
    ],
    ["an end of a silence where none are kept", "/api/v1/silences/x", { method: "DELETE" }, 404, "not-configured"],
    ["dead letters where no webhook is", "/api/v1/webhooks/dead", {}, 404, "not-configured"],
  ])("%s", async (_name, path, options, status, code) => {
    const answer = await call(`${t.url}${path}`, options);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect({ status: answer.status, ...(JSON.parse(answer.body) as object) }).toMatchObject({ status, code });
  });
});

describe("health", () => {
  it("is alive, and ready once the log was read and every check is ok", async () => {
    expect((await fetch(`${t.url}/healthz`)).status).toBe(200);
    const other = await t.another({}, { readiness: () => [{ name: "redis", ok: true }] });
    expect((await fetch(`${other.url}/readyz`)).status).toBe(200);
    await other.stop();
  });

  it("says which check fails", async () => {
    let ok = true;
    const other = await t.another({}, { readiness: () => [{ name: "first tick", ok, detail: "none yet" }] });
    ok = false;
    const answer = await fetch(`${other.url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      ready: false,
      checks: [{ ok: true }, { name: "first tick", ok: false }],
    });
    await other.stop();
  });
});

describe("silences", () => {
  it("are seen by every replica until they end or are ended", async () => {
    const silences = () =>
      makeSilences({ keys: makeKeys("t"), redis: t.redis.client(), real: { now: () => Date.now() } });
    const [one, two] = [await t.another({}, { silences: silences() }), await t.another({}, { silences: silences() })];
    const endsAt = new Date(Date.now() + 60_000).toISOString();
    const added = await call(`${one.url}/api/v1/silences`, {
      method: "POST",
      headers: json,
      body: JSON.stringify({ region: "KZ", endsAt }),
    });
    expect(added.status).toBe(200);
    const list = async () =>
      ((await (await fetch(`${two.url}/api/v1/silences`)).json()) as { items: { id: string }[] }).items;
    const [silence] = await list();
    expect(silence).toMatchObject({ region: "KZ", by: "anonymous", endsAt });
    for (const body of [
      { endsAt },
      { region: "KZ", endsAt: "2020-01-01T00:00:00Z" },
      { region: "KZ", endsAt: "2099-01-01T00:00:00Z" },
    ])
      expect(
        (await call(`${one.url}/api/v1/silences`, { method: "POST", headers: json, body: JSON.stringify(body) }))
          .status,
      ).toBe(400);
    expect((await call(`${two.url}/api/v1/silences/${silence?.id}`, { method: "DELETE" })).status).toBe(204);
    expect((await call(`${one.url}/api/v1/silences/${silence?.id}`, { method: "DELETE" })).status).toBe(404);
    expect(await list()).toEqual([]);
    await Promise.all([one.stop(), two.stop()]);
  });
});
