/** What stands between people and us: reverse proxies, balancers, pages of other origins. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestGateway, type TestGateway } from "./support.ts";

let t: TestGateway;
let named: TestGateway;
beforeAll(async () => {
  t = await startTestGateway({ allowedOrigins: ["https://desk.example"] });
  named = await t.another({
    publicUrl: "https://pools.example/hashfall",
    tokens: [{ name: "desk", token: "write-token", scopes: ["read", "write"] }],
  });
});
afterAll(async () => {
  await named.gateway.stop();
  await t.stop();
});

/** One exchange as it stands on the wire. */
async function raw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = "";
  socket.on("data", (data) => {
    answer += data.toString("latin1");
  });
  socket.end(text);
  await once(socket, "close");
  return answer;
}

const redrive = (headers: Record<string, string>): Promise<Response> =>
  fetch(`${t.url}/api/v1/silences/none`, { method: "DELETE", headers });

describe("without tokens, nobody behind a proxy writes", () => {
  it.each([
    ["Forwarded", "for=203.0.113.7"],
    ["X-Forwarded-For", "203.0.113.7"],
    ["X-Forwarded-Proto", "https"],
    ["X-Forwarded-Prefix", "/hashfall"],
    ["X-Real-IP", "203.0.113.7"],
    ["Via", "1.1 proxy"],
  ])("%s", async (name, value) => {
    const response = await redrive({ [name]: value });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      code: "writes-refused",
      detail: expect.stringContaining(name.toLowerCase()),
    });
    expect((await fetch(`${t.url}/api/v1/alerts`, { headers: { [name]: value } })).status, "reading goes on").toBe(200);
  });

  it("HTTP/1.0, which is how a proxy asks by its defaults", async () => {
    const answer = await raw(t.url, `DELETE /api/v1/silences/none HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n`);
    expect(answer).toContain("writes-refused");
  });

  it("where a publicUrl is configured, nobody at all", async () => {
    const open = await t.another({ publicUrl: "https://pools.example" });
    expect((await fetch(`${open.url}/api/v1/silences/none`, { method: "DELETE" })).status).toBe(403);
    await open.gateway.stop();
  });

  it("and whoever asks this machine directly does", async () => {
    expect((await redrive({})).status).toBe(404);
  });
});

describe("publicUrl", () => {
  it("is a Host that is answered, and an Origin that may write", async () => {
    const asked = (host: string, origin: string) =>
      raw(
        named.url,
        `DELETE /api/v1/silences/none HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nX-Forwarded-For: 203.0.113.7\r\n` +
          "Authorization: Bearer write-token\r\nConnection: close\r\n\r\n",
      );
    expect(await asked("pools.example", "https://pools.example")).toContain("not-configured");
    expect(await asked("127.0.0.1", "https://pools.example")).toContain("not-configured");
    expect(await asked("evil.example", "https://pools.example")).toContain("host-not-allowed");
    expect(await asked("pools.example", "https://evil.example")).toContain("origin-not-allowed");
  });

  it("has a path that a proxy may leave in front of ours", async () => {
    expect((await fetch(`${named.url}/hashfall/healthz`)).status).toBe(200);
    expect((await fetch(`${named.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${named.url}/hashfallen/healthz`)).status).toBe(404);
  });
});

describe("a balancer", () => {
  it.each([
    ["HTTP/1.0 without Host", "GET /healthz HTTP/1.0\r\n\r\n", "200"],
    ["HTTP/1.1 without Host", "GET /readyz HTTP/1.1\r\nConnection: close\r\n\r\n", "200"],
    ["an empty Host", "GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", "200"],
    ["a foreign Host", "GET /healthz HTTP/1.1\r\nHost: evil\r\nConnection: close\r\n\r\n", "421"],
    ["something else without Host", "GET /metrics HTTP/1.0\r\n\r\n", "421"],
  ])("that asks with %s", async (_name, text, status) => {
    expect(await raw(t.url, text)).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
  });

  it("that tries /ws without an upgrade is told what stands there", async () => {
    const response = await fetch(`${t.url}/ws`);
    expect(response.status).toBe(426);
    expect(await response.json()).toMatchObject({ code: "upgrade-required" });
  });

  it("keeps idle connections for 60 s: ours last longer", async () => {
    const response = await fetch(`${t.url}/healthz`);
    expect(Number(/timeout=(\d+)/.exec(response.headers.get("keep-alive") ?? "")?.[1])).toBeGreaterThanOrEqual(75);
  });
});

describe("REST", () => {
  it("is for pages of configured origins too, and of no other", async () => {
    const asked = async (origin: string) => {
      const response = await fetch(`${t.url}/api/v1/networks`, { headers: { origin } });
      return response.headers.get("access-control-allow-origin");
    };
    expect(await asked("https://desk.example")).toBe("https://desk.example");
    expect(await asked("https://evil.example")).toBeNull();
    const preflight = await fetch(`${t.url}/api/v1/silences`, {
      method: "OPTIONS",
      headers: {
        origin: "https://desk.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("authorization");
  });

  it.each(["/metrics", "/openapi.json", "/asyncapi.json"])("compresses %s for whoever takes it", async (path) => {
    const response = await fetch(`${t.url}${path}`, { headers: { "accept-encoding": "gzip" } });
    expect(response.headers.get("content-encoding")).toBe("gzip");
    expect((await response.text()).length).toBeGreaterThan(1000);
  });

  it.each(["/openapi.json", "/asyncapi.json", "/alert.schema.json"])("says when %s has not changed", async (path) => {
    const etag = (await fetch(`${t.url}${path}`)).headers.get("etag") ?? "";
    expect((await fetch(`${t.url}${path}`, { headers: { "if-none-match": etag } })).status).toBe(304);
  });

  it.each(["application/x-www-form-urlencoded", "text/plain", "multipart/form-data", "application/jsonx", ""])(
    "refuses a body that is called %j by 415",
    async (type) => {
      const response = await fetch(`${t.url}/api/v1/silences`, {
        method: "POST",
        headers: { "content-type": type },
        body: new TextEncoder().encode('{"region":"KZ"}'),
      });
      expect(response.status).toBe(415);
    },
  );

  it.each([
    "/api/v1/history?to=0001-01-01T00:00:00Z",
    "/api/v1/history?from=9999-12-31T23:59:59Z",
    "/api/v1/history?from=-271821-04-20T00:00:00Z",
    "/api/v1/history?step=999999d",
    "/api/v1/alerts?since=0001-01-01T00:00:00Z",
  ])("answers %s with 400", async (path) => {
    const response = await fetch(`${t.url}${path}`);
    expect([response.status, await response.json()]).toMatchObject([400, { code: "bad-request" }]);
  });
});
