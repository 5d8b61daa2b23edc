import { describe, expect, it } from "vitest";
import type { WebhookConfig } from "../../../src/config/resolve/resolved.ts";
import type { AlertEvent } from "../../../src/model/alert.ts";
import type { Receiver } from "./receiver.ts";
import { eventually, outage, type Replica, type TestSite, webhookConfig } from "./replica.ts";
import { useWebhookStage } from "./stage.ts";

let site: TestSite;
let receiver: Receiver;
useWebhookStage((stage) => {
  ({ site, receiver } = stage);
});

async function start(part: Partial<WebhookConfig> = {}): Promise<Replica> {
  const replica = site.replica([webhookConfig({ url: receiver.url, ...part })]);
  await replica.begun();
  return replica;
}
const silence = (replica: Replica, part: { region?: string; forMs?: number } = {}) =>
  replica.silences.add({
    region: part.region ?? "KZ",
    startsAt: new Date(Date.now() - 1_000).toISOString(),
    endsAt: new Date(Date.now() + (part.forMs ?? 600_000)).toISOString(),
    by: "ana",
    note: "",
  });
const counted = (replica: Replica, result: string, count: number) =>
  eventually(
    () => replica.metrics.render(),
    (text) => text.includes(`deliveries_total{webhook="desk",result="${result}"} ${count}`),
  );
const update = (event: AlertEvent, revision: number, part: Partial<AlertEvent> = {}): AlertEvent => ({
  ...event,
  type: "updated",
  revision,
  ...part,
});
const end = (event: AlertEvent, revision: number): AlertEvent => ({
  ...event,
  type: "resolved",
  revision,
  endedAt: event.at,
  resolution: "recovered",
});
const told = () =>
  receiver.received
    .map(({ body }) => JSON.parse(body) as AlertEvent)
    .map(({ type, revision }) => `${type} ${revision}`);
/** What came before this event has been told or muted by then. */
async function pass(): Promise<void> {
  const other = outage({ region: "RU" });
  await site.publish(other);
  await receiver.until(() => receiver.received.some(({ body }) => body.includes(other.id)));
  receiver.received.splice(
    receiver.received.findIndex(({ body }) => body.includes(other.id)),
    1,
  );
}

describe("an alert that opened under a silence", () => {
  it("is told in its newest state when the silence ends by itself, once from two replicas", async () => {
    const replica = await start();
    await start();
    await silence(replica, { forMs: 700 });
    const event = outage();
    await site.publish(event, update(event, 2));
    await receiver.until(() => receiver.received.length > 0);
    await pass();
    expect(told()).toEqual(["updated 2"]);
    expect(receiver.ids()).toEqual([`${event.id}-2`]);
  });

  it("is told when a person ends the silence early, also after a restart in between", async () => {
    const replica = await start();
    const { id } = await silence(replica);
    const event = outage();
    await site.publish(event);
    await counted(replica, "silenced", 1);
    await site.stop();
    const again = await start();
    await again.silences.remove(id);
    await receiver.until(() => receiver.received.length > 0);
    expect(told()).toEqual(["opened 1"]);
  });

  it("stays untold while another silence covers it, and is told after the last one", async () => {
    const replica = await start();
    const first = await silence(replica);
    const second = await silence(replica);
    const event = outage();
    await site.publish(event);
    await counted(replica, "silenced", 1);
    await replica.silences.remove(first.id);
    await pass();
    expect(told()).toEqual([]);
    await replica.silences.remove(second.id);
    await receiver.until(() => receiver.received.length > 0);
    expect(told()).toEqual(["opened 1"]);
  });

  it("and is told, silenced again and released again, is told again of what it missed", async () => {
    const replica = await start();
    const event = outage();
    const first = await silence(replica);
    await site.publish(event);
    await counted(replica, "silenced", 1);
    await replica.silences.remove(first.id);
    await receiver.until(() => receiver.received.length === 1);
    const second = await silence(replica);
    await site.publish(update(event, 2));
    await counted(replica, "silenced", 2);
    await replica.silences.remove(second.id);
    await receiver.until(() => receiver.received.length === 2);
    expect(told()).toEqual(["opened 1", "updated 2"]);
  });

  it("and ended under it is nobody's news", async () => {
    const replica = await start();
    const { id } = await silence(replica);
    const event = outage();
    await site.publish(event, end(event, 2));
    await counted(replica, "silenced", 2);
    await replica.silences.remove(id);
    await pass();
    await pass();
    expect(told()).toEqual([]);
    expect(await site.store.mutedAlerts.list()).toEqual([]);
  });
});

describe("an alert that was told before a silence", () => {
  it.each(["hashfall", "alertmanager", "alertmanager-webhook", "slack", "pagerduty"])(
    "is told its end under it, to %s",
    async (preset) => {
      const options = { routingKey: "k".repeat(32) };
      const replica = await start({ preset, options });
      const event = outage();
      await site.publish(event);
      await counted(replica, "delivered", 1);
      await silence(replica);
      await site.publish(update(event, 2, { severity: "critical" }));
      await counted(replica, "silenced", 1);
      receiver.received.splice(0);
      await site.publish(end(event, 3));
      await counted(replica, "delivered", 2);
      expect(receiver.received.map(({ body }) => body).join()).toMatch(/resolve|recovered|"endsAt":"2022/);
    },
  );

  it("is told the newest of what it missed when the silence ends", async () => {
    const replica = await start();
    const event = outage();
    await site.publish(event);
    await counted(replica, "delivered", 1);
    const { id } = await silence(replica);
    await site.publish(update(event, 2), update(event, 3));
    await counted(replica, "silenced", 2);
    await replica.silences.remove(id);
    await receiver.until(() => receiver.received.length === 2);
    expect(told()).toEqual(["opened 1", "updated 3"]);
    await eventually(
      () => site.store.mutedAlerts.list(),
      ({ length }) => length === 0,
    );
  });
});
