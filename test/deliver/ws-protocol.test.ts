import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ServerMessage } from "../../src/deliver/ws/protocol.ts";
import { alertEvent, startTestGateway, TestClient, type TestGateway } from "./support.ts";

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway({ heartbeatSeconds: 0.2 });
});
afterAll(() => t.stop());

describe("a connection", () => {
  it("is greeted with networks, heartbeat and epoch", async () => {
    const client = new TestClient(t.wsUrl);
    const hello = await client.next("hello");
    expect(hello).toMatchObject({ version: 1, networks: ["bitcoin"], heartbeatSeconds: 0.2 });
    expect(await t.stores.alertLog.epoch()).toBe(hello.epoch);
    await client.close();
  });

  it("gets open alerts as a snapshot, and everything after it in order", async () => {
    await t.publisher.publish([alertEvent({ id: "a", revision: 1 })]);
    const client = new TestClient(t.wsUrl);
    const subscribed = await client.subscribe({ id: 7 });
    expect(subscribed).toMatchObject({ id: 7, channel: "alerts", recovered: false });
    const snapshot = await client.next("snapshot");
    expect(snapshot.alerts.map(({ id, revision }) => [id, revision])).toEqual([["a", 1]]);
    expect(snapshot.cursor).toBe(await t.stores.alertLog.tail());
    await t.publisher.publish([
      alertEvent({ id: "a", revision: 2 }),
      alertEvent({ id: "b", revision: 1, region: "RU" }),
    ]);
    await t.publisher.publish([alertEvent({ id: "a", revision: 3, type: "resolved" })]);
    for (const expected of ["a 2", "b 1", "a 3"]) {
      const { alert } = await client.next("alert");
      expect(`${alert.id} ${alert.revision}`).toBe(expected);
      expect(alert.latency).toMatchObject({ publishedAt: expect.any(String) });
    }
    expect((await client.next("heartbeat")).cursor).toBe(await t.stores.alertLog.tail());
    for (const message of client.received) expect(() => ServerMessage.parse(message)).not.toThrow();
    await client.close();
  });

  it("hears of regions and status at once and whenever they change", async () => {
    const client = new TestClient(t.wsUrl);
    await client.subscribe({ channel: "regions", regions: ["KZ", "US"] });
    await client.subscribe({ channel: "status" });
    await t.publisher.publish([], { state: "warming", warmAt: Date.parse("2022-01-06T00:00:00Z") });
    while ((await client.next("status")).state !== "warming");
    expect(client.received.at(-1)).toMatchObject({ state: "warming", warmAt: "2022-01-06T00:00:00Z" });
    const regions = client.received.filter((m) => m.type === "regions").at(-1);
    expect(regions?.regions.map(({ region }) => region)).toEqual(["KZ", "US-TX", "US"]);
    expect(regions?.regions.map(({ rollUp }) => rollUp)).toEqual([undefined, undefined, true]);
    expect(regions?.regions.at(-1)).toMatchObject({ of: ["US-TX"], expected: 1e19 });
    await client.close();
  });

  it("shares an alert with all others: it is written as JSON once, however many there are", async () => {
    const clients = Array.from({ length: 30 }, () => new TestClient(t.wsUrl));
    const filters = [{}, { regions: ["KZ"] }, { minSeverity: "warning" as const }];
    await Promise.all(clients.map((client, i) => client.subscribe(filters[i % 3])));
    const written = vi.spyOn(JSON, "stringify");
    await t.publisher.publish([alertEvent({ id: "shared", revision: 1 })]);
    await Promise.all(clients.map((client) => client.next("alert")));
    const frames = written.mock.calls.filter(([value]) => (value as { type?: string } | null)?.type === "alert");
    written.mockRestore();
    expect(frames).toHaveLength(1);
    await Promise.all(clients.map((client) => client.close()));
  });

  it("answers a ping with the same id, and unsubscribes", async () => {
    const client = new TestClient(t.wsUrl);
    await client.subscribe();
    client.send({ op: "ping", id: "x" });
    expect(await client.next("pong")).toEqual({ type: "pong", id: "x" });
    client.send({ op: "unsubscribe", id: 2, channel: "alerts" });
    expect(await client.next("unsubscribed")).toEqual({ type: "unsubscribed", id: 2, channel: "alerts" });
    client.send({ op: "unsubscribe", id: 3, channel: "alerts" });
    expect(await client.next("error")).toMatchObject({ id: 3, code: "not-subscribed" });
    await client.close();
  });

  it("gets a snapshot whole, however large it is", async () => {
    const events = Array.from({ length: 120 }, (_, n) => alertEvent({ id: `many-${n}`, revision: 1 }));
    await t.publisher.publish(events);
    const client = new TestClient(t.wsUrl);
    await client.subscribe();
    const { alerts } = await client.next("snapshot");
    expect(alerts.filter(({ id }) => id.startsWith("many-"))).toHaveLength(120);
    expect(JSON.stringify(alerts).length).toBeGreaterThan(65_536);
    await client.close();
  });
});
