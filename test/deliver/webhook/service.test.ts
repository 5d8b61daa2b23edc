import { pino } from "pino";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type App, startApp } from "../../../src/app.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { systemClocks } from "../../../src/model/clock.ts";
import { startTestRedis, type TestRedis } from "../../support/redis.ts";
import { Publisher } from "../support.ts";
import { Receiver } from "./receiver.ts";
import { eventually, outage, SECRET } from "./replica.ts";

/** With a publicUrl nobody writes without one. */
const TOKEN = "write-token-of-the-desk";

let redis: TestRedis;
let receiver: Receiver;
let app: App;
let publisher: Publisher;

function configWith(webhooks: object) {
  const file = {
    networks: { bitcoin: { pools: { antpool: { regions: { KZ: 0.2, RU: 0.2 } } } } },
    redis: { url: redis.url },
    server: {
      port: 0,
      publicUrl: "https://hashfall.example/",
      tokens: [{ name: "desk", token: { env: "TOKEN" }, scopes: ["read", "write"] }],
    },
    webhooks,
  };
  return parseConfig(JSON.stringify(file), { file: "test.yaml", env: { DESK: SECRET, TOKEN } });
}
const desk = () => ({ url: `${receiver.url}/desk`, allowPrivate: true, secret: { env: "DESK" } });

beforeAll(async () => {
  redis = await startTestRedis();
  receiver = await Receiver.start();
  app = await startApp(
    { config: configWith({ desk: desk() }), roles: ["serve"], version: "0.0.0" },
    { clocks: systemClocks(), logger: pino({ level: "silent" }), env: {}, say: () => undefined },
  );
  publisher = new Publisher(app.store);
});
afterAll(async () => {
  await app.stop();
  receiver.close();
  await redis.stop();
});

const places = () => redis.client().hkeys("{hashfall}:webhook-places");
const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${TOKEN}` };
  const answer = await fetch(`${app.url}/api/v1${path}`, { headers, ...init });
  return answer.status === 204 ? null : answer.json();
};

describe("the service", () => {
  it("tells the webhooks of its configuration, lists what it gave up and redrives it", async () => {
    await eventually(places, (names) => names.includes("desk"));
    receiver.answers = [410];
    const event = outage();
    await publisher.publish([event]);
    const { body, headers } = await receiver.next();
    new Webhook(SECRET).verify(body, headers as Record<string, string>);
    const listed = await eventually(
      () => ask("/webhooks/dead") as Promise<{ items: { id: string; alertId: string }[] }>,
      ({ items }) => items.length > 0,
    );
    expect(listed.items[0]).toMatchObject({ webhook: "desk", alertId: event.id, revision: 1 });
    const id = encodeURIComponent(listed.items[0]?.id ?? "");
    expect(await ask(`/webhooks/dead/redrive?id=${id}`, { method: "POST" })).toEqual({ redriven: 1 });
    expect((await receiver.next()).headers["webhook-id"]).toBe(`${event.id}-1`);
  });

  it("sends a marked test message when asked, and says what the receiver answered", async () => {
    const before = receiver.received.length;
    expect(await ask("/webhooks/desk/test", { method: "POST" })).toEqual({ webhook: "desk", delivered: true });
    const { path, body, headers } = await receiver.next();
    new Webhook(SECRET).verify(body, headers as Record<string, string>);
    expect(path).toBe("/desk");
    expect(JSON.parse(body)).toMatchObject({ test: true, type: "opened", network: "bitcoin" });
    receiver.answers = [(response) => void response.writeHead(403).end("not here")];
    expect(await ask("/webhooks/desk/test", { method: "POST" })).toEqual({
      webhook: "desk",
      delivered: false,
      reason: "the receiver answered 403: not here",
    });
    expect(await ask("/webhooks/nobody/test", { method: "POST" })).toMatchObject({ status: 404, code: "not-found" });
    expect(await ask("/webhooks/desk/test", { method: "POST", headers: {} })).toMatchObject({ code: "token-needed" });
    expect(receiver.received.length).toBe(before + 2);
    receiver.received.length = before;
  });

  it("mutes them by a silence that was made over HTTP", async () => {
    const endsAt = new Date(Date.now() + 600_000).toISOString();
    const silence = (await ask("/silences", {
      method: "POST",
      body: JSON.stringify({ region: "RU", endsAt, by: "ana", note: "known" }),
    })) as { id: string };
    await publisher.publish([outage({ region: "RU" })]);
    await eventually(
      async () => (await fetch(`${app.url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text(),
      (text) => text.includes('deliveries_total{webhook="desk",result="silenced"} 1'),
    );
    expect(receiver.received.length).toBe(2);
    await ask(`/silences/${silence.id}`, { method: "DELETE" });
  });

  it("tells others after a reload, and loses nothing to those who stay", async () => {
    const chat = { url: `${receiver.url}/chat`, allowPrivate: true, preset: "slack" };
    const reloading = app.reload(configWith({ desk: desk(), chat }));
    const during = outage();
    await publisher.publish([during]);
    await reloading;
    await eventually(places, (names) => names.includes("chat"));
    const after = outage();
    await publisher.publish([after]);
    const told = () => receiver.received.slice(2).map(({ path, headers }) => `${path} ${headers["webhook-id"]}`);
    const wanted = [`/desk ${during.id}-1`, `/desk ${after.id}-1`, `/chat ${after.id}-1`];
    await receiver.until(() => wanted.every((one) => told().includes(one)));
    const message = receiver.received.find(({ path, body }) => path === "/chat" && body.includes(after.id));
    expect(message?.body).toContain("<https://hashfall.example|page>");
  });
});
