import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type ClientOptions, HashfallClient } from "../../src/client/client.ts";
import type { SocketConstructor } from "../../src/client/socket.ts";
import type { Subscribe } from "../../src/deliver/ws/protocol.ts";
import type { AlertEvent } from "../../src/model/alert.ts";
import { alertEvent, startTestGateway, TestClient, type TestGateway } from "./support.ts";

/** More than the gateway reads of its log at once (100), so that who comes back is told over several pages. */
const EVENTS = 120;
const ALERTS = EVENTS / 4;

/** Ten alerts at a time, each opened, revised and resolved; some ambiguous, some that change their region. */
function story(prefix: string): AlertEvent[] {
  const regions = ["KZ", "RU", "US-TX", "CN"];
  const events: AlertEvent[] = [];
  for (let n = 0; events.length < EVENTS; n += 1) {
    const id = `${prefix}-${n % ALERTS}`;
    const revision = Math.floor(n / ALERTS) + 1;
    const ambiguous = n % 7 === 0;
    events.push(
      alertEvent({
        id,
        revision,
        type: revision === 1 ? "opened" : revision === 4 ? "resolved" : "updated",
        region: ambiguous ? null : (regions[(n + revision) % regions.length] ?? null),
        ambiguous,
        severity: revision > 1 && n % 3 === 0 ? "critical" : "warning",
        candidates: [
          { region: "KZ", probability: n % 14 === 0 ? 0.15 : 0.05 },
          { region: "RU", probability: 0.4 },
        ],
      }),
    );
  }
  return events;
}

const key = ({ id, revision }: { id: string; revision: number }): string => `${id} ${revision}`;

interface Follower {
  /** Every event it was told, and "gap" for a snapshot that did not go on from its place. */
  readonly told: readonly string[];
  /** Its first place is known to the server's word: what happens from now on is for it. */
  readonly greeted: Promise<void>;
  readonly done: Promise<void>;
  connections(): number;
}

/** The client of a trading program, whose n-th connection is cut without a word when its message `cutAt(n)` comes. */
function follow(options: Partial<ClientOptions>, count: number, cutAt: (connection: number) => number): Follower {
  const told: string[] = [];
  let connections = 0;
  class Cut extends WebSocket {
    #left = cutAt(connections++);
    override emit(event: string | symbol, ...args: unknown[]): boolean {
      if (event === "message" && this.#left-- <= 0) {
        this.terminate();
        return true;
      }
      return super.emit(event, ...args);
    }
  }
  let greet = (): void => {};
  const greeted = new Promise<void>((resolve) => {
    greet = resolve;
  });
  const done = new Promise<void>((resolve) => {
    const client = new HashfallClient(
      { url: t.wsUrl, alerts: {}, maxDelayMs: 2, WebSocket: Cut as unknown as SocketConstructor, ...options },
      {
        onConnection: (state) => state === "open" && options.since !== undefined && greet(),
        onSnapshot: (_alerts, gap) => {
          if (gap) told.push("gap");
          greet();
        },
        onAlert: (alert) => {
          told.push(key(alert));
          if (told.length === count) resolve(client.close());
        },
      },
    ).open();
  });
  return { told, greeted, done, connections: () => connections };
}

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway();
});
afterAll(() => t.stop());

describe("a client that comes back", () => {
  it("has exactly the server's log, at whichever message of a run its socket was cut", async () => {
    const since = await t.stores.alertLog.tail();
    const events = story("cut");
    // One client for each message: hello, the answer to subscribe, and every event. That message never arrives.
    const clients = Array.from({ length: EVENTS + 2 }, (_, index) =>
      follow({ since }, events.length, (connection) => (connection === 0 ? index : Number.POSITIVE_INFINITY)),
    );
    await Promise.all(clients.slice(1).map(({ greeted }) => greeted));
    for (let i = 0; i < events.length; i += 1 + (i % 3)) await t.publisher.publish(events.slice(i, i + 1 + (i % 3)));
    await Promise.all(clients.map(({ done }) => done));
    const log = (await t.stores.alertLog.after(since, 1000)).items.map(key);
    expect(log).toEqual(events.map(key));
    for (const [index, { told, connections }] of clients.entries()) {
      expect(told, `cut at message ${index}`).toEqual(log);
      expect(connections(), `cut at message ${index}`).toBe(2);
    }
  });

  it("is told everything after any cursor of the log, however far back, and nothing else", async () => {
    const before = await t.stores.alertLog.tail();
    const events = story("back");
    for (let i = 0; i < events.length; i += 10) await t.publisher.publish(events.slice(i, i + 10));
    const log = await t.stores.alertLog.after(before, 1000);
    const cursors = [before, ...log.items.map(({ cursor }) => cursor)];
    const ask = async (since: string, index: number): Promise<void> => {
      const client = new TestClient(t.wsUrl);
      expect(await client.subscribe({ since })).toMatchObject({ recovered: true, cursor: since });
      for (let left = index; left < EVENTS; left += 1) await client.next("alert");
      client.send({ op: "ping" });
      await client.next("pong");
      expect(client.alerts()).toEqual(events.slice(index).map(key));
      await client.close();
    };
    await Promise.all(cursors.map(ask));
  });

  it.each<[string, Partial<Subscribe>]>([
    ["one region", { regions: ["KZ"] }],
    ["a country with its subdivisions, gravest only", { regions: ["US"], minSeverity: "critical" }],
    ["what nothing is about", { regions: ["CN"], scopes: ["pool"] }],
  ])("gets the same with a filter on %s as one that never left", async (name, filter) => {
    const before = await t.stores.alertLog.tail();
    const stayed = new TestClient(t.wsUrl);
    await stayed.subscribe(filter);
    const events = story(name);
    for (let i = 0; i < events.length; i += 10) await t.publisher.publish(events.slice(i, i + 10));
    const { items } = await t.stores.alertLog.after(before, 1000);
    const all = new TestClient(t.wsUrl);
    await all.subscribe({ since: before, ...filter });
    // A ping is answered after what was handed over before it, once the live follower has said the last event.
    await untilTold(t, stayed, items.at(-1)?.cursor ?? "");
    const told = stayed.alerts();
    for (let i = 0; i < told.length; i += 1) await all.next("alert");
    expect(all.alerts()).toEqual(told);
    for (let index = 20; index < EVENTS; index += 37) {
      const client = new TestClient(t.wsUrl);
      const since = items[index]?.cursor ?? "";
      const after = new Set(items.slice(index + 1).map(key));
      const expected = told.filter((event) => after.has(event));
      await client.subscribe({ since, ...filter });
      for (let i = 0; i < expected.length; i += 1) await client.next("alert");
      expect(client.alerts()).toEqual(expected);
      await client.close();
    }
    await Promise.all([stayed.close(), all.close()]);
  });

  it("loses nothing while the socket is cut again and again under live events", async () => {
    const events = story("live");
    // Each connection is cut after a few messages, one more each time.
    const { told, greeted, done, connections } = follow({}, events.length, (connection) => 2 + (connection % 9));
    await greeted;
    for (const event of events) await t.publisher.publish([event]);
    await done;
    expect(told).toEqual(events.map(key));
    expect(connections()).toBeGreaterThan(20);
  });
});

describe("a cursor that cannot be continued", () => {
  it.each([
    ["of another epoch", async () => "zz~1-1"],
    ["beyond the end", async () => `${await t.stores.alertLog.epoch()}~99999999999999-0`],
  ])("%s gets recovered false and a snapshot", async (_name, make) => {
    const client = new TestClient(t.wsUrl);
    expect(await client.subscribe({ since: await make() })).toMatchObject({ recovered: false });
    expect((await client.next("snapshot")).cursor).toBe(await t.stores.alertLog.tail());
    await client.close();
  });

  it("that was never one is refused, and the connection stays", async () => {
    const client = new TestClient(t.wsUrl);
    await client.next("hello");
    client.send({ op: "subscribe", id: 1, channel: "alerts", since: "yesterday" });
    expect(await client.next("error")).toMatchObject({ id: 1, code: "bad-cursor" });
    expect(await client.subscribe()).toMatchObject({ recovered: false });
    await client.close();
  });

  it.each(["0-99999999999999999999", "18446744073709551616-0"])(
    "is told at once that the place %s is none: no stream id is so large",
    async (id) => {
      const client = new TestClient(t.wsUrl);
      const { epoch } = await client.next("hello");
      client.send({ op: "subscribe", id: 1, channel: "alerts", since: `${epoch}~${id}` });
      expect(await client.next("error")).toMatchObject({ id: 1, code: "bad-cursor" });
      await client.close();
    },
  );

  it("after a gap is told what is open, and what ended meanwhile", async () => {
    const from = Date.now();
    await t.publisher.publish([alertEvent({ id: "gone", revision: 1 }), alertEvent({ id: "stays", revision: 1 })]);
    await t.publisher.publish([alertEvent({ id: "gone", revision: 2, type: "resolved" })]);
    const client = new TestClient(t.wsUrl);
    await client.next("hello");
    while (!(await openIds()).includes("stays")) await new Promise((resolve) => setTimeout(resolve, 20));
    client.send({ op: "subscribe", channel: "alerts", since: `another~${from}-0` });
    const { alerts, ended } = await client.next("snapshot");
    expect(alerts.map(({ id }) => id)).toContain("stays");
    expect(ended?.map(({ id, type }) => [id, type])).toEqual([["gone", "resolved"]]);
    await client.close();
  });

  async function openIds(): Promise<string[]> {
    const { items } = (await (await fetch(`${t.url}/api/v1/alerts?state=open`)).json()) as { items: { id: string }[] };
    return items.map(({ id }) => id);
  }

  it("after the log was emptied sends everybody away to come back in the new epoch", async () => {
    const client = new TestClient(t.wsUrl);
    const { cursor } = await client.subscribe();
    await t.redis.client().flushall();
    expect(await client.end()).toMatchObject({ code: 1001 });
    const again = new TestClient(t.wsUrl);
    expect(await again.subscribe(cursor === undefined ? {} : { since: cursor })).toMatchObject({ recovered: false });
    await again.close();
  });
});

/** Until the live follower has handed over the entry at a cursor. */
async function untilTold(gateway: TestGateway, client: TestClient, cursor: string): Promise<void> {
  for (;;) {
    const probe = new TestClient(gateway.wsUrl);
    const { cursor: here } = await probe.subscribe();
    await probe.close();
    client.send({ op: "ping" });
    await client.next("pong");
    if (here === cursor) return;
  }
}
