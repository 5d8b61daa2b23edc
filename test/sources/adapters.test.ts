import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeSource, SOURCE_TYPES } from "../../src/sources/registry.ts";
import { makeSecretReader } from "../../src/sources/secret.ts";
import { ADAPTER_CASES, SECRETS, titleOf, urlOf } from "./adapter-cases.ts";
import { configOf, fetchOnce, hastyHttp, sourceOn, startUpstream, type Upstream } from "./upstream.ts";

describe("every adapter understands its upstream", () => {
  let upstream: Upstream;
  const http = hastyHttp();
  beforeAll(async () => {
    upstream = await startUpstream();
  });
  afterAll(async () => {
    await http.close();
    await upstream.close();
  });

  it("there is a case for each type", () => {
    expect([...new Set(ADAPTER_CASES.map((each) => each.type))].sort()).toEqual(Object.keys(SOURCE_TYPES).sort());
  });

  it.each(ADAPTER_CASES.map((each) => [titleOf(each), each] as const))("%s", async (_, each) => {
    upstream.answer((request, response, body) => {
      const answer = each.answers[(request.url ?? "").split("?")[0] ?? ""];
      if (answer === undefined) response.statusCode = 404;
      response.end(typeof answer === "function" ? answer(body) : answer);
    });
    const config = configOf(each.type, urlOf(each, upstream.url), each.config);
    const source = sourceOn(config, http, SECRETS);
    const outcome = await fetchOnce(source);
    expect(outcome).toMatchObject({ kind: "ok" });
    if (outcome.kind !== "ok") return;
    const rows = outcome.rows.map((row) =>
      row.kind === "block" ? [row.pool, "block", row.height] : [row.pool, row.region, row.hashrate],
    );
    expect(rows.length).toBe(each.rows.length);
    for (const [index, [pool, region, value]] of each.rows.entries()) {
      expect(rows[index]?.slice(0, 2)).toEqual([pool, region]);
      expect(rows[index]?.[2]).toBeCloseTo(value, -Math.floor(Math.log10(value)) + 10);
    }
    for (const row of outcome.rows) {
      if (each.observedAt !== undefined) expect(row.observedAt).toBe(each.observedAt);
      if (row.kind === "rate" && each.windowSeconds !== undefined) expect(row.window.seconds).toBe(each.windowSeconds);
      expect(row.staleAfterMs).toBeGreaterThan(0);
    }
    expect(source.pools.length).toBeGreaterThan(0);
    expect(upstream.asked.at(-1)?.headers["user-agent"]).toBe(
      "hashfall/0.0.0-test (+https://example.invalid/hashfall)",
    );
  });
});

describe("the registry", () => {
  const http = hastyHttp();
  const deps = { http, clock: { now: () => 0 }, secrets: makeSecretReader({}) };
  afterAll(() => http.close());

  it.each(Object.values(SOURCE_TYPES).map((type) => [type.type, type] as const))(
    "%s says what it is, and keeps to its own limits",
    (_, type) => {
      expect(type.describe.summary.length).toBeGreaterThan(20);
      expect(type.describe.limits.length).toBeGreaterThan(5);
      expect(type.defaults.staleAfterMs).toBeGreaterThanOrEqual(type.defaults.minIntervalMs);
      const { dailyBudget, minIntervalMs } = type.defaults;
      if (dailyBudget !== undefined) expect(dailyBudget).toBeGreaterThanOrEqual(86_400_000 / minIntervalMs);
      if (type.defaults.url !== undefined) expect(URL.canParse(type.defaults.url)).toBe(true);
    },
  );

  it("refuses an unknown type with the list of known ones", () => {
    expect(() => makeSource(configOf("no-such-pool", "https://example.com"), deps)).toThrow(
      /unknown; allowed: .*ckpool/,
    );
  });

  it("refuses a source whose secret is not there, and names the variable alone", () => {
    const config = configOf("braiins", "https://example.com", { options: { token: { env: "NO_SUCH" } } });
    expect(() => makeSource(config, deps)).toThrow("environment variable NO_SUCH is not set");
  });

  it("refuses a source without a url where the type has none", () => {
    const { url: _, ...config } = configOf("miningcore", "", { options: { poolId: "x" } });
    expect(() => makeSource(config, deps)).toThrow(/needs a `url`/);
  });

  it("asks no more often than the type allows on its own URL, and as configured elsewhere", () => {
    const mine = makeSource(configOf("foundry", "https://example.com", { intervalMs: 60_000 }), deps);
    const { url: _, ...theirs } = configOf("foundry", "", { intervalMs: 60_000 });
    expect(mine.minIntervalMs).toBe(60_000);
    expect(makeSource(theirs, deps).minIntervalMs).toBe(300_000);
  });
});
