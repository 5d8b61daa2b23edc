import type { ServerResponse } from "node:http";
import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import type { WebhookConfig } from "../../../src/config/resolve/resolved.ts";
import { DeliveredAlert } from "../../../src/model/alert.ts";
import { Receiver } from "./receiver.ts";
import { eventually, outage, type ReplicaOptions, SECRET, type TestSite, webhookConfig } from "./replica.ts";
import { useWebhookStage } from "./stage.ts";

let site: TestSite;
let receiver: Receiver;
useWebhookStage((stage) => {
  ({ site, receiver } = stage);
});

async function start(part: Partial<WebhookConfig> = {}, options: ReplicaOptions = {}) {
  const replica = site.replica([webhookConfig({ url: `${receiver.url}/hook`, ...part })], options);
  await replica.begun();
  return replica;
}

const dead = (replica: Awaited<ReturnType<typeof start>>, count = 1) =>
  eventually(
    () => replica.queue.deadLetters.list(10),
    (letters) => letters.length >= count,
  );

describe("a delivery", () => {
  it("is a POST of the event as the socket shows it, signed, with (id, revision) as its id", async () => {
    await start({ authorization: "Bearer of-the-desk" });
    const event = outage();
    await site.publish(event);
    const { headers, body, path, method } = await receiver.next();
    expect([method, path, headers["content-type"]]).toEqual(["POST", "/hook", "application/json"]);
    expect(headers["webhook-id"]).toBe(`${event.id}-1`);
    expect(headers.authorization).toBe("Bearer of-the-desk");
    const verified = DeliveredAlert.parse(new Webhook(SECRET).verify(body, headers as Record<string, string>));
    expect(verified).toMatchObject(event);
    expect(verified.cursor).toMatch(/~/);
    expect(verified.latency?.publishedAt).toBeDefined();
  });

  it("is signed with every secret, so that one can be exchanged for another", async () => {
    const next = `whsec_${Buffer.from("another secret of thirty-two by.").toString("base64")}`;
    await start({ secrets: [SECRET, next] });
    await site.publish(outage());
    const { headers, body } = await receiver.next();
    for (const secret of [SECRET, next]) new Webhook(secret).verify(body, headers as Record<string, string>);
    const other = new Webhook(`whsec_${Buffer.alloc(32, 7).toString("base64")}`);
    expect(() => other.verify(body, headers as Record<string, string>)).toThrow();
  });

  it("is tried again after any refusal, with the same id and body and a signature that holds", async () => {
    const replica = await start();
    receiver.answers = [500, "hang-up", 404, (response) => response.writeHead(302, { location: "/elsewhere" }).end()];
    await site.publish(outage());
    for (let attempt = 0; attempt < 5; attempt++) {
      const { body, headers, path } = await receiver.next();
      expect(path).toBe("/hook");
      new Webhook(SECRET).verify(body, headers as Record<string, string>);
    }
    expect(new Set(receiver.received.map(({ body, headers }) => `${headers["webhook-id"]} ${body}`)).size).toBe(1);
    await eventually(
      () => replica.metrics.render(),
      (text) => text.includes('deliveries_total{webhook="desk",result="delivered"} 1'),
    );
    expect(await replica.metrics.render()).toContain('deliveries_total{webhook="desk",result="retried"} 4');
  });

  it("waits as long as a receiver asks", async () => {
    await start();
    const busy = (status: number) => (response: ServerResponse) =>
      void response.writeHead(status, { "retry-after": "0.3" }).end();
    receiver.answers = [busy(429), busy(503)];
    await site.publish(outage());
    const [first, second, third] = [await receiver.next(), await receiver.next(), await receiver.next()];
    // BullMQ's clock is Redis's in whole milliseconds.
    expect(second.at - first.at).toBeGreaterThan(290);
    expect(third.at - second.at).toBeGreaterThan(290);
  });

  it("that gets no answer in time is tried again", async () => {
    const replica = await start({ timeoutMs: 50 });
    receiver.answers = ["silence"];
    await site.publish(outage());
    await receiver.next();
    await receiver.next();
    expect(replica.logged()).toContain("no answer within 50 ms");
  });

  it("was taken when the status says so, however large the answer or however it ends", async () => {
    const replica = await start();
    receiver.answers = [
      (response) => void response.writeHead(200).end("x".repeat(1_000_000)),
      (response) => {
        response.writeHead(200, { "content-length": "100" }).write("half");
        setImmediate(() => response.destroy());
      },
    ];
    await site.publish(outage(), outage());
    await eventually(
      () => replica.metrics.render(),
      (text) => text.includes('deliveries_total{webhook="desk",result="delivered"} 2'),
    );
    expect(receiver.received.length).toBe(2);
  });

  it("to one receiver that hangs holds up no other", async () => {
    const hanging = await Receiver.start();
    hanging.answers = Array.from({ length: 100 }, () => "silence" as const);
    const replica = site.replica([
      webhookConfig({ name: "hanging", url: hanging.url }),
      webhookConfig({ name: "desk", url: receiver.url }),
    ]);
    await replica.begun();
    const events = Array.from({ length: 20 }, () => outage());
    await site.publish(...events);
    for (const _ of events) await receiver.next();
    expect(hanging.received.length).toBeLessThanOrEqual(4);
    await replica.stop();
    hanging.close();
  });
});

describe("a dead letter", () => {
  it("is a delivery that was given up: listed with its reason, redriven by its id, gone once it was taken", async () => {
    const replica = await start({}, { attempts: 2 });
    receiver.answers = [(response) => void response.writeHead(400).end("no such\nroom"), 400];
    const event = outage();
    await site.publish(event);
    const [letter] = await dead(replica);
    expect(letter).toMatchObject({ webhook: "desk", alertId: event.id, revision: 1, attempts: 2 });
    expect(letter?.reason).toBe("the receiver answered 400");
    expect(Math.abs(Date.parse(letter?.failedAt ?? "") - Date.now())).toBeLessThan(60_000);
    expect(replica.logged()).toContain("the receiver answered 400: no such room");
    expect(await replica.queue.deadLetters.redrive("no-such-letter")).toBe(0);
    expect(await replica.queue.deadLetters.redrive(letter?.id)).toBe(1);
    await receiver.until(() => receiver.received.length === 3);
    expect(new Set(receiver.ids())).toEqual(new Set([`${event.id}-1`]));
    await eventually(
      () => replica.queue.counts(),
      ({ completed }) => completed === 1,
    );
    expect(await replica.queue.deadLetters.list(10)).toEqual([]);
    expect(await replica.queue.deadLetters.redrive(letter?.id)).toBe(0);
  });

  it("has all its attempts again after a redrive; without an id all are redriven", async () => {
    const replica = await start({}, { attempts: 2 });
    receiver.answers = [500, 500, 500, 500, 500, 500];
    await site.publish(outage(), outage());
    await dead(replica, 2);
    expect(await replica.queue.deadLetters.redrive()).toBe(2);
    await receiver.until(() => receiver.received.length === 8);
    await eventually(
      () => replica.queue.counts(),
      ({ completed }) => completed === 2,
    );
  });

  it("comes at once from a receiver that is gone, which is not asked again before a redrive", async () => {
    const replica = await start();
    receiver.answers = [410];
    await site.publish(outage());
    const [first] = await dead(replica);
    expect(first?.reason).toMatch(/answered 410.*disabled/);
    expect(replica.logged()).toContain("410 Gone");
    await site.publish(outage());
    await dead(replica, 2);
    expect(receiver.received.length).toBe(1);
    expect(await replica.queue.deadLetters.redrive(first?.id)).toBe(1);
    await site.publish(outage());
    await receiver.until(() => receiver.received.length === 3);
  });

  it("of a webhook that is gone is not made at another address", async () => {
    const replica = await start();
    receiver.answers = [410];
    await site.publish(outage());
    await dead(replica);
    await replica.stop();
    await start({ url: `${receiver.url}/moved` });
    await site.publish(outage());
    await receiver.next();
    expect((await receiver.next()).path).toBe("/moved");
  });
});
