import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestRedis, type TestRedis } from "../../support/redis.ts";
import { Receiver } from "./receiver.ts";
import { outage, TestSite, webhookConfig } from "./replica.ts";

let redis: TestRedis;
let receiver: Receiver;
let site: TestSite;

beforeAll(async () => {
  redis = await startTestRedis({ appendonly: true, args: ["--appendfsync", "always"] });
  receiver = await Receiver.start();
  site = TestSite.on(redis, "lost");
});
afterAll(async () => {
  await site.stop();
  receiver.close();
  await redis.stop();
});

it("a Redis that is killed and comes back costs webhooks no event", async () => {
  const replica = site.replica([webhookConfig({ url: receiver.url })]);
  await replica.begun();
  const before = outage();
  await site.publish(before);
  await receiver.next();
  const queued = outage();
  await site.publish(queued);
  await redis.kill();
  await redis.start();
  const after = outage();
  await site.publish(after);
  const wanted = [before, queued, after].map(({ id }) => `${id}-1`);
  await receiver.until(() => wanted.every((id) => receiver.ids().includes(id)));
  expect(new Set(receiver.ids())).toEqual(new Set(wanted));
  // A delivery that was under way when Redis died is taken over when its lock has run out: twelve seconds.
});
