import { afterAll, expect, it, onTestFinished } from "vitest";
import { startMetricsServer } from "../../src/deliver/metrics-server.ts";
import { makeMetrics } from "../../src/metrics/metrics.ts";

const TOKEN = "a-token-of-thirty-two-characters";
const metrics = makeMetrics({ renderCacheMs: 0 });
metrics.redis.up.set({}, 1);
let ok = true;
const server = await startMetricsServer(
  {
    ...{ host: "127.0.0.1", port: 0, allowedHosts: [], allowedOrigins: [] },
    tokens: [{ name: "scrape", token: TOKEN, scopes: ["read"] }],
  },
  { metrics, readiness: () => [{ name: "redis", ok }] },
);
afterAll(() => server.stop());

const authorization = `Bearer ${TOKEN}`;
it.each([
  { asked: "/healthz", status: 200, says: '{"ok":true}' },
  { asked: "/readyz", status: 200, says: '"ready":true' },
  { asked: "/metrics", status: 401, says: "Bearer" },
  { asked: "/metrics", status: 401, says: "Bearer", headers: { authorization: "Bearer another" } },
  { asked: "/metrics", status: 200, says: "hashfall_redis_up 1", headers: { authorization } },
  { asked: "/api/v1/alerts", status: 404, says: "role serve", headers: { authorization } },
  { asked: "/metrics", status: 405, says: "GET", headers: { authorization }, method: "POST" },
])("a process that does not serve answers $asked with $status", async ({ asked, status, says, headers, method }) => {
  const response = await fetch(`${server.url}${asked}`, { method: method ?? "GET", ...(headers ? { headers } : {}) });
  expect(response.status).toBe(status);
  expect(await response.text()).toContain(says);
});

it("a process that is not ready says so with 503", async () => {
  onTestFinished(() => {
    ok = true;
  });
  ok = false;
  expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
});
