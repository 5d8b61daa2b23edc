import { afterAll, expect, it } from "vitest";
import { startTestGateway } from "../deliver/support.ts";

const gateway = await startTestGateway();
afterAll(() => gateway.stop());

it("HTTP answers are counted by the route's template, never by the address that was asked", async () => {
  for (const path of ["/metrics", "/api/v1/alerts", "/api/v1/alerts/no-such-alert", "/no/such/page"])
    await (await fetch(new URL(path, gateway.url))).arrayBuffer();
  const counted = [...(await gateway.metrics.render()).matchAll(/^hashfall_http_requests_total\{(.*)\} /gm)].map(
    ([, labels]) => labels,
  );
  expect(counted).toEqual(
    expect.arrayContaining([
      'route="/metrics",status="2xx"',
      'route="/api/v1/alerts",status="2xx"',
      'route="/api/v1/alerts/:id",status="4xx"',
    ]),
  );
  expect(counted.filter((labels) => labels?.includes("no"))).toEqual([]);
});
