import { describe, expect, it } from "vitest";
import type { WebhookConfig } from "../../../src/config/resolve/resolved.ts";
import { openForMs } from "../../../src/deliver/webhook/message.ts";
import type { Receiver } from "./receiver.ts";
import { eventually, outage, type TestSite, webhookConfig } from "./replica.ts";
import { useWebhookStage } from "./stage.ts";

let site: TestSite;
let receiver: Receiver;
useWebhookStage((stage) => {
  ({ site, receiver } = stage);
});

interface Posted {
  readonly labels: { readonly alert_id: string };
  readonly endsAt: string;
}
const amConfig = (part: Partial<WebhookConfig> = {}) =>
  webhookConfig({ url: receiver.url, preset: "alertmanager", resendIntervalMs: 150, ...part });
const posts = () =>
  receiver.received
    .filter(({ headers }) => String(headers["webhook-id"]).startsWith("open-"))
    .map(({ body }) => (JSON.parse(body) as Posted[]).map(({ labels, endsAt }) => ({ id: labels.alert_id, endsAt })));

describe("open alerts of an Alertmanager", () => {
  it("are sent again at every interval, by one of two replicas, with an end five minutes ahead", async () => {
    site.replica([amConfig()]);
    await site.replica([amConfig()]).begun();
    const event = outage();
    const before = Date.now();
    await site.publish(event);
    await receiver.until(() => posts().length >= 4);
    const took = Date.now() - before;
    for (const [alert, ...others] of posts()) {
      expect(others).toEqual([]);
      expect(alert?.id).toBe(event.id);
      const ahead = Date.parse(alert?.endsAt ?? "") - before;
      expect(ahead).toBeGreaterThanOrEqual(300_000);
      expect(ahead).toBeLessThanOrEqual(took + 300_000);
    }
    // One lease of nine tenths of the interval for both replicas: whoever is late, nobody sends twice within it.
    expect(posts().length).toBeLessThanOrEqual(took / 135 + 1);
  });

  it.each([
    [15_000, 300_000],
    [120_000, 600_000],
  ])("with an interval of %d ms stay open for %d ms without another message", (resendIntervalMs, ms) => {
    expect(openForMs({ resendIntervalMs })).toBe(ms);
  });

  it("are sent to a webhook that is new, renamed or enabled again after 410 Gone", async () => {
    const first = site.replica([amConfig()]);
    await first.begun();
    const event = outage();
    receiver.answers = [410];
    await site.publish(event);
    const letters = await eventually(
      () => first.queue.deadLetters.list(10),
      ({ length }) => length > 0,
    );
    const known = receiver.received.length;
    await eventually(
      () => site.store.webhookLeases.take("other", 1),
      () => true,
    );
    expect(receiver.received.length - known).toBeLessThanOrEqual(1);
    await first.queue.deadLetters.redrive(letters[0]?.id);
    await receiver.until(() => posts().some(([alert]) => alert?.id === event.id));
    await site.stop();
    receiver.received.splice(0);
    site.replica([amConfig({ name: "renamed" })]);
    await receiver.until(() => posts().some(([alert]) => alert?.id === event.id));
  });

  it("are not sent again once they have ended, and none outside of the webhook's filter is", async () => {
    const replica = site.replica([amConfig({ filter: { regions: ["KZ"] } })]);
    await replica.begun();
    const event = outage();
    await site.publish(event, outage({ region: "RU" }));
    await receiver.until(() => posts().length > 0);
    await site.publish({ ...event, type: "resolved", revision: 2, endedAt: event.at, resolution: "recovered" });
    await eventually(
      () => replica.queue.counts(),
      ({ completed }) => completed === 2,
    );
    const all = posts().flat();
    expect(new Set(all.map(({ id }) => id))).toEqual(new Set([event.id]));
  });
});
