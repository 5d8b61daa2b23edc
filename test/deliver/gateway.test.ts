import { afterEach, describe, expect, it } from "vitest";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { servedTime } from "../support/served-time.ts";
import { alertEvent, startTestGateway, TestClient, type TestGateway } from "./support.ts";

let redis: TestRedis | undefined;
let t: TestGateway | undefined;
afterEach(async () => {
  await t?.stop();
  await redis?.stop();
  redis = undefined;
});

describe("a gateway's life", () => {
  it("says in one line that its port is taken", async () => {
    t = await startTestGateway();
    const { port } = new URL(t.url);
    await expect(t.another({ port: Number(port) })).rejects.toMatchObject({
      code: "PORT_TAKEN",
      message: `127.0.0.1:${port} is taken by another process; choose another with --port`,
    });
  });

  it("tells every client its last place before it goes away, and is unready meanwhile", async () => {
    t = await startTestGateway();
    const client = new TestClient(t.wsUrl);
    await client.subscribe();
    await t.publisher.publish([alertEvent({ id: "a", revision: 1 })]);
    await client.next("alert");
    const stopped = t.gateway.stop();
    expect((await client.next("heartbeat")).cursor).toBe(await t.stores.alertLog.tail());
    expect(await client.end()).toMatchObject({ code: 1001 });
    await stopped;
    expect(t.gateway.address()).toBeNull();
    await expect(fetch(`${t.url}/healthz`)).rejects.toThrow();
    await t.gateway.stop();
  });

  it("does not wait for ever for a client that does not answer", async () => {
    t = await startTestGateway();
    const stalled = new TestClient(t.wsUrl);
    await stalled.subscribe();
    stalled.socket.pause();
    const { gateway } = t;
    expect((await servedTime(() => gateway.stop())).ms).toBeLessThan(4000);
    stalled.socket.terminate();
  });

  it("outlives its Redis: says so, keeps its clients, and goes on without a gap", async () => {
    redis = await startTestRedis({ appendonly: true });
    t = await startTestGateway({ heartbeatSeconds: 0.5 }, {}, redis);
    await t.publisher.publish([alertEvent({ id: "a", revision: 1 })]);
    const client = new TestClient(t.wsUrl);
    await client.subscribe();
    await client.subscribe({ channel: "status" });
    while ((await client.next("status")).state !== "ok");
    await redis.kill();
    expect(await client.next("status")).toMatchObject({ state: "degraded", why: "the store does not answer" });
    const answer = await fetch(`${t.url}/api/v1/alerts`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: "store-unavailable" });
    expect((await fetch(`${t.url}/api/v1/regions`)).status, "the present is answered from memory").toBe(200);
    await redis.start();
    await t.publisher.publish([alertEvent({ id: "a", revision: 2 })]);
    expect((await client.next("alert")).alert.revision).toBe(2);
    expect(client.alerts()).toEqual(["a 2"]);
    expect(client.closed).toBeNull();
  });
});
