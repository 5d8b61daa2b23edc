import { describe, expect, it } from "vitest";
import type { WebhookConfig } from "../../../src/config/resolve/resolved.ts";
import type { AlertEvent } from "../../../src/model/alert.ts";
import { parseCursor } from "../../../src/model/cursor.ts";
import { makeKeys } from "../../../src/store/keys.ts";
import { rotateEpoch } from "../../../src/store/log-epoch.ts";
import type { TestRedis } from "../../support/redis.ts";
import type { Receiver } from "./receiver.ts";
import { eventually, outage, type ReplicaOptions, type TestSite, webhookConfig } from "./replica.ts";
import { useWebhookStage } from "./stage.ts";

let redis: TestRedis;
let site: TestSite;
let receiver: Receiver;
useWebhookStage((stage) => {
  ({ redis, site, receiver } = stage);
});

function start(part: Partial<WebhookConfig> = {}, options: ReplicaOptions = {}) {
  return site.replica([webhookConfig({ url: receiver.url, ...part })], options);
}
const idsOf = (events: readonly AlertEvent[]) => events.map(({ id, revision }) => `${id}-${revision}`).sort();
const placeOf = (name = "desk") => redis.client().hget(`{${site.keyTag}}:webhook-places`, name);

describe("what webhooks are told", () => {
  it("comes once from two replicas, and nothing of what happened before there were any", async () => {
    await site.publish(outage());
    const replicas = [start(), start()];
    await replicas[0]!.begun();
    const events = Array.from({ length: 30 }, () => outage());
    for (const event of events) await site.publish(event);
    for (const _ of events) await receiver.next();
    for (const { queue } of replicas)
      await eventually(
        () => queue.counts(),
        ({ completed, waiting, active }) => completed === 30 && waiting === 0 && active === 0,
      );
    expect(receiver.ids().sort()).toEqual(idsOf(events));
  });

  it("is lost by no restart in the middle, and not repeated", async () => {
    await start().begun();
    const events: AlertEvent[] = [];
    for (let round = 0; round < 6; round++) {
      const some = Array.from({ length: 5 }, () => outage());
      events.push(...some);
      await site.publish(...some);
      await receiver.until(() => receiver.received.length > round * 4);
      await site.stop();
      const missed = outage();
      events.push(missed);
      await site.publish(missed);
      start();
    }
    await receiver.until(() => new Set(receiver.ids()).size === events.length);
    expect([...new Set(receiver.ids())].sort()).toEqual(idsOf(events));
    // A delivery that was broken off after the receiver took it may come again, with its id.
    expect(receiver.received.length - events.length).toBeLessThanOrEqual(6);
  });

  it("is not queued twice when a process dies between queueing and keeping the place", async () => {
    const first = start();
    await first.begun();
    const before = await placeOf();
    const event = outage();
    await site.publish(event);
    await receiver.next();
    await eventually(placeOf, (place) => place !== before);
    await site.stop();
    await redis.client().hset(`{${site.keyTag}}:webhook-places`, "desk", before ?? "");
    const again = start();
    await eventually(placeOf, (place) => place !== before);
    await site.publish(outage());
    await receiver.next();
    expect((await again.queue.counts()).completed).toBeLessThanOrEqual(2);
    expect(receiver.ids().filter((id) => id === `${event.id}-1`)).toHaveLength(1);
  });

  it("is looked for again where a failover undid the last second", async () => {
    const only = start({}, { without: "worker" });
    await only.begun();
    const before = (await placeOf()) ?? "";
    const event = outage();
    await site.publish(event);
    await eventually(placeOf, (place) => place !== before);
    // The replica that took over has the event, and neither the job nor the place; nothing more happens.
    const keys = await redis.client().keys(`{${site.keyTag}}:jobs:*`);
    await redis.client().del(...keys);
    await redis.client().hset(`{${site.keyTag}}:webhook-places`, "desk", before);
    await eventually(
      () => only.queue.counts(),
      ({ waiting }) => waiting === 1,
    );
  });

  it("goes on from the same place when the log begins a new epoch", async () => {
    await start().begun();
    await site.publish(outage());
    await receiver.next();
    await site.stop();
    const place = parseCursor((await placeOf()) ?? "");
    await rotateEpoch({ redis: redis.client(), keys: makeKeys(site.keyTag) }, place?.epoch ?? "", place?.id ?? "");
    const missed = outage();
    await site.publish(missed);
    start();
    expect((await receiver.next()).headers["webhook-id"]).toBe(`${missed.id}-1`);
  });

  it("is what is open, when the log does not reach back any more", async () => {
    const open = outage();
    const over = outage();
    await site.publish(open, over, {
      ...over,
      type: "resolved",
      revision: 2,
      endedAt: over.at,
      resolution: "recovered",
    });
    await redis.client().hset(`{${site.keyTag}}:webhook-places`, "desk", "gone~9999999999999-0");
    const replica = start();
    expect((await receiver.next()).headers["webhook-id"]).toBe(`${open.id}-1`);
    const news = outage();
    await site.publish(news);
    await receiver.next();
    expect(receiver.ids().sort()).toEqual(idsOf([open, news]));
    expect(replica.logged()).toContain("told what is open");
  });

  it("begins now for a webhook that is new, and where it was for the others", async () => {
    await start().begun();
    await site.stop();
    const missed = outage();
    await site.publish(missed);
    const both = site.replica([
      webhookConfig({ url: `${receiver.url}/desk` }),
      webhookConfig({ name: "new", url: `${receiver.url}/new` }),
    ]);
    await both.begun();
    const news = outage();
    await site.publish(news);
    for (let n = 0; n < 3; n++) await receiver.next();
    const told = receiver.received.map(({ path, headers }) => `${path} ${headers["webhook-id"]}`);
    expect(told.sort()).toEqual([`/desk ${missed.id}-1`, `/desk ${news.id}-1`, `/new ${news.id}-1`].sort());
  });
});

describe("filters", () => {
  it.each([
    ["networks", { networks: ["litecoin"] }, { network: "litecoin" }],
    ["regions, with their subdivisions", { regions: ["US"] }, { region: "US-TX" }],
    ["scopes", { scopes: ["pool"] }, { scope: "pool", region: null, pool: "antpool" }],
    ["severity", { minSeverity: "warning" }, { severity: "warning" }],
  ] as [string, WebhookConfig["filter"], Partial<AlertEvent>][])("by %s", async (_name, filter, part) => {
    await start({ filter }).begun();
    const wanted = outage({ severity: "info", ...part });
    await site.publish(outage({ severity: "info" }));
    await site.publish(wanted);
    expect((await receiver.next()).headers["webhook-id"]).toBe(`${wanted.id}-1`);
    expect(receiver.received.length).toBe(1);
  });

  it("are sticky: an alert that has matched is told to its end", async () => {
    await start({ filter: { regions: ["KZ"], minSeverity: "warning" } }).begun();
    const grows = outage({ severity: "info" });
    await site.publish(grows);
    await site.publish({ ...grows, type: "updated", revision: 2, severity: "critical" });
    await site.publish({ ...grows, type: "updated", revision: 3, region: "RU", severity: "critical" });
    const end = { endedAt: grows.at, resolution: "recovered" } as const;
    await site.publish({ ...grows, type: "resolved", revision: 4, region: "RU", severity: "critical", ...end });
    for (let n = 0; n < 3; n++) await receiver.next();
    expect(receiver.ids().sort()).toEqual([2, 3, 4].map((revision) => `${grows.id}-${revision}`));
  });
});
