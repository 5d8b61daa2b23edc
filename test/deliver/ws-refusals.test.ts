import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ERROR_CODES } from "../../src/deliver/ws/protocol.ts";
import { fuzz, fuzzWire } from "./fuzz.ts";
import { alertEvent, startTestGateway, TestClient, type TestGateway } from "./support.ts";

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway({
    maxClients: 40,
    allowedOrigins: ["https://desk.example"],
    allowedHosts: ["hashfall.example"],
  });
});
afterAll(() => t.stop());

describe("a message that is not as documented", () => {
  it.each<[string, string, string | number | undefined, string, number | null]>([
    ["no JSON", "hello?", undefined, "bad-json", 4400],
    ["a list", "[1]", undefined, "bad-json", 4400],
    ["null", "null", undefined, "bad-json", 4400],
    ["deep nesting", "[".repeat(2000), undefined, "bad-json", 4400],
    ["no op", '{"id":1}', 1, "unknown-op", null],
    ["an inherited op", '{"id":1,"op":"constructor"}', 1, "unknown-op", null],
    ["an unknown channel", '{"op":"subscribe","id":2,"channel":"trades"}', 2, "bad-request", null],
    [
      "a region in small letters",
      '{"op":"subscribe","id":3,"channel":"alerts","regions":["kz"]}',
      3,
      "bad-request",
      null,
    ],
    ["an empty list", '{"op":"subscribe","id":4,"channel":"alerts","regions":[]}', 4, "bad-request", null],
    [
      "an unknown network",
      '{"op":"subscribe","id":5,"channel":"alerts","networks":["doge"]}',
      5,
      "unknown-network",
      null,
    ],
    ["an unusable id", '{"op":"ping","id":{"a":1}}', undefined, "bad-request", null],
    ["a since of a wrong type", '{"op":"subscribe","id":6,"channel":"alerts","since":7}', 6, "bad-request", null],
  ])(
    "%s: says so, and ends the connection only when it speaks another language",
    async (_name, text, id, code, close) => {
      const client = new TestClient(t.wsUrl);
      await client.next("hello");
      client.send(text);
      const error = await client.next("error");
      expect(error.code).toBe(code);
      expect(error.id).toBe(id);
      if (close === null) {
        client.send({ op: "ping", id: "still" });
        expect(await client.next("pong")).toMatchObject({ id: "still" });
        await client.close();
      } else expect((await client.end()).code).toBe(close);
    },
  );

  it.each<[string, (client: TestClient) => void, number]>([
    ["a binary frame", (client) => client.socket.send(Buffer.from([1, 2])), 1003],
    ["more than 4 kB", (client) => client.send(`{"op":"ping","id":"${"x".repeat(5000)}"}`), 1009],
    ["text that is no UTF-8", (client) => client.socket.send(Buffer.from([0xff, 0xfe]), { binary: false }), 1007],
  ])("%s is closed by the protocol", async (_name, act, code) => {
    const client = new TestClient(t.wsUrl);
    await client.next("hello");
    act(client);
    expect((await client.end()).code).toBe(code);
  });

  it("unknown fields are ignored", async () => {
    const client = new TestClient(t.wsUrl);
    expect(await client.subscribe({ id: 1, ...{ colour: "blue" } })).toMatchObject({ id: 1 });
    await client.close();
  });

  it("thousands of random frames crash nothing, and are answered by documented codes alone", async () => {
    const seed = randomBytes(4).readInt32LE();
    const { codes, closes, connections } = await fuzz(t.wsUrl, 3000, seed);
    for (const code of codes) expect(Object.keys(ERROR_CODES), `seed ${seed}`).toContain(code);
    for (const code of closes) expect([1000, 1003, 1005, 1007, 1009, 4400], `seed ${seed}`).toContain(code);
    expect(connections, `seed ${seed}`).toBeGreaterThan(30);
    expect((await fetch(`${t.url}/healthz`)).status).toBe(200);
  });

  it("bytes that are no frames crash nothing either", async () => {
    const seed = randomBytes(4).readInt32LE();
    const codes = await fuzzWire(t.wsUrl, 150, seed);
    for (const code of codes) expect([null, 1000, 1002, 1003, 1007, 1009, 4400], `seed ${seed}`).toContain(code);
    expect(codes, `seed ${seed}`).toContain(1002);
    expect((await fetch(`${t.url}/healthz`)).status).toBe(200);
  });

  it("too many are closed with 4429", async () => {
    const client = new TestClient(t.wsUrl);
    await client.next("hello");
    for (let i = 0; i < 110; i += 1) client.send({ op: "ping", id: i });
    expect((await client.end()).code).toBe(4429);
    expect(client.received.filter(({ type }) => type === "pong").length).toBeLessThanOrEqual(101);
  });
});

describe("who may connect", () => {
  const status = (headers: Record<string, string>, path = "/ws"): Promise<number> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(t.url);
      const lines = { Host: `${hostname}:${port}`, ...headers };
      const socket = connect(Number(port), hostname, () =>
        socket.write(
          `GET ${path} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${Object.entries(
            lines,
          )
            .map(([name, value]) => `${name}: ${value}\r\n`)
            .join("")}\r\n`,
        ),
      );
      socket.once("data", (data) => {
        resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(data.toString())?.[1]));
        socket.destroy();
      });
      socket.once("error", reject);
    });

  it.each<[string, () => Record<string, string>, number]>([
    ["a program without an origin", () => ({}), 101],
    ["the page itself", () => ({ Origin: t.url }), 101],
    ["a configured origin", () => ({ Origin: "https://desk.example" }), 101],
    ["a page of another site", () => ({ Origin: "https://evil.example" }), 403],
    ["a page without an origin of its own", () => ({ Origin: "null" }), 403],
    ["a page of this machine on another port", () => ({ Origin: "http://127.0.0.1:1" }), 403],
    ["a name that was rebound to this address", () => ({ Host: "evil.example", Origin: "http://evil.example" }), 421],
    ["a configured name", () => ({ Host: "hashfall.example", Origin: "https://hashfall.example" }), 101],
    ["no host", () => ({ Host: "" }), 421],
  ])("%s", async (_name, headers, expected) => {
    expect(await status(headers())).toBe(expected);
  });

  it("nothing but /ws is a socket", async () => {
    expect(await status({}, "/other")).toBe(404);
  });

  it("beyond the limit is told so by 1013, and the others stay", async () => {
    const clients = Array.from({ length: 40 }, () => new TestClient(t.wsUrl));
    await Promise.all(clients.map((client) => client.next("hello")));
    const late = new TestClient(t.wsUrl);
    expect((await late.end()).code).toBe(1013);
    clients[0]?.send({ op: "ping" });
    await clients[0]?.next("pong");
    await Promise.all(clients.map((client) => client.close()));
  });
});

describe("a reader that has stopped", () => {
  it("is closed when over 1 MiB lay unread for five seconds, and nobody else waits", async () => {
    const stalled = new TestClient(t.wsUrl, { autoPong: false });
    await stalled.subscribe();
    const reading = new TestClient(t.wsUrl);
    await reading.subscribe();
    stalled.socket.pause();
    const evidence = Array.from({ length: 400 }, (_, i) => ({
      pool: `pool-${i}`,
      expected: 1e18,
      observed: 9e17,
      score: 1,
    }));
    const from = performance.now();
    for (let revision = 1; revision <= 60; revision += 1) {
      await t.publisher.publish([alertEvent({ id: "slow", revision, evidence })]);
      await reading.next("alert");
    }
    while (!(await closed("slow"))) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(performance.now() - from).toBeGreaterThan(5000);
    stalled.socket.terminate();
    reading.send({ op: "ping" });
    await reading.next("pong");
    await reading.close();
  });

  it("ends by the protocol are counted as that", async () => {
    const before = await count("protocol");
    const client = new TestClient(t.wsUrl);
    await client.next("hello");
    client.send(`{"op":"ping","id":"${"x".repeat(5000)}"}`);
    expect((await client.end()).code).toBe(1009);
    while ((await count("protocol")) === before) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  async function count(reason: string): Promise<number> {
    return Number(
      new RegExp(`hashfall_ws_closed_total\\{reason="${reason}"\\} (\\d+)`).exec(await t.metrics.render())?.[1] ?? 0,
    );
  }

  async function closed(reason: string): Promise<boolean> {
    return (await count(reason)) > 0;
  }
});
