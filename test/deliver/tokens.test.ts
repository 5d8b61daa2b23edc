import { hostname } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { subprotocols } from "../../src/client/socket.ts";
import { bearerToken, subprotocolToken } from "../../src/deliver/auth.ts";
import { hostAllowed, isLoopback, originAllowed } from "../../src/deliver/origin.ts";
import { alertEvent, startTestGateway, TestClient, type TestGateway } from "./support.ts";

const TOKENS = [
  { name: "reader", token: "r-1", scopes: ["read"] },
  { name: "desk", token: "wörter/+", scopes: ["read", "write"] },
] as const;
const ACK = "/api/v1/alerts/a/ack";

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway({ tokens: TOKENS });
  await t.publisher.publish([alertEvent({ id: "a", revision: 1 })]);
});
afterAll(() => t.stop());

const bearer = (token: string) => ({ authorization: `Bearer ${Buffer.from(token).toString("latin1")}` });
const post = (gateway: TestGateway, headers: Record<string, string> = {}) =>
  fetch(`${gateway.url}${ACK}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: "{}",
  });

describe("with tokens configured", () => {
  it.each<[string, Record<string, string>, number, string | null]>([
    ["no token reads nothing", {}, 401, "token-needed"],
    ["an unknown token reads nothing", bearer("other"), 401, "token-unknown"],
    ["a reader reads", bearer("r-1"), 200, null],
  ])("%s", async (_name, headers, status, code) => {
    for (const path of ["/api/v1/alerts", "/metrics"]) {
      const answer = await fetch(`${t.url}${path}`, { headers });
      expect(answer.status).toBe(status);
      if (code !== null) expect(await answer.json()).toMatchObject({ code });
    }
  });

  it("page, health and documents need none", async () => {
    for (const path of ["/healthz", "/readyz", "/openapi.json", "/asyncapi.json", "/alert.schema.json"])
      expect((await fetch(`${t.url}${path}`)).status, path).toBe(200);
  });

  it("a reader does not write", async () => {
    const answer = await post(t, bearer("r-1"));
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ code: "scope-missing" });
  });

  it("the socket takes a token by header or beside the subprotocol", async () => {
    const byHeader = new TestClient(t.wsUrl, { headers: bearer("r-1") });
    await byHeader.next("hello");
    const byProtocol = new TestClient(t.wsUrl, { protocols: subprotocols("wörter/+") });
    await byProtocol.next("hello");
    expect(byProtocol.socket.protocol).toBe("hashfall.v1");
    await Promise.all([byHeader.close(), byProtocol.close()]);
  });

  it.each([
    ["without a token", {}],
    ["with an unknown one", { protocols: subprotocols("guess") }],
  ])("the socket is closed with 4401 %s", async (_name, options) => {
    const client = new TestClient(t.wsUrl, options);
    expect(await client.next("error")).toMatchObject({ code: "bad-token" });
    expect((await client.end()).code).toBe(4401);
  });
});

describe("without tokens", () => {
  it("a public bind refuses every write, and reads go on", async () => {
    const open = await t.another({ tokens: [], host: "0.0.0.0" });
    const answer = await post(open);
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ code: "writes-refused" });
    expect((await fetch(`${open.url}/api/v1/alerts`)).status).toBe(200);
    await open.stop();
  });

  it("a loopback bind takes writes", async () => {
    const local = await t.another({ tokens: [] });
    expect((await post(local)).status).toBe(200);
    await local.stop();
  });
});

describe("reading headers", () => {
  it.each([
    [undefined, null],
    ["Basic abc", null],
    ["Bearer", null],
    ["Bearer  a b", null],
    ["bearer t0ken", "t0ken"],
  ])("Authorization %s", (header, token) => expect(bearerToken(header)).toBe(token));

  it("a subprotocol list without a token has none", () => expect(subprotocolToken("hashfall.v1, other")).toBeNull());

  const rules = { host: "127.0.0.1", allowedHosts: ["Pool.Example"], allowedOrigins: ["https://desk.example"] };
  it.each([
    ["127.0.0.1:8080", true],
    ["[::1]:8080", true],
    ["localhost", true],
    ["192.168.1.7", true],
    ["hashfall:8080", false],
    ["ai", false],
    [hostname(), true],
    ["pool.example:443", true],
    ["evil.example", false],
    ["127.0.0.1.evil.example", false],
    ["a b", false],
    ["", false],
    [undefined, false],
  ])("Host %s", (header, expected) => expect(hostAllowed(header, rules)).toBe(expected));

  it.each([
    [undefined, true],
    ["http://127.0.0.1:8080", true],
    ["https://desk.example", true],
    ["https://desk.example.evil.example", false],
    ["http://127.0.0.1:80801", false],
    ["null", false],
  ])("Origin %s", (origin, expected) => expect(originAllowed(origin, "127.0.0.1:8080", rules)).toBe(expected));

  it.each([
    ["127.0.0.1", true],
    ["127.8.0.1", true],
    ["::1", true],
    ["LOCALHOST", true],
    ["0.0.0.0", false],
    ["::", false],
    ["10.0.0.1", false],
    ["127.0.0.1.example.com", false],
  ])("%s is loopback: %s", (host, expected) => expect(isLoopback(host)).toBe(expected));
});
