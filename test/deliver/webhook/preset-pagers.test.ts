import { describe, expect, it } from "vitest";
import { absurd, bodyOf, delivered, PUBLIC_URL, story } from "./preset-stage.ts";
import { outage, webhookConfig } from "./replica.ts";
import { useWebhookStage, type WebhookStage } from "./stage.ts";

let stage: WebhookStage;
useWebhookStage((next) => {
  stage = next;
});

interface PagerdutyEvent {
  readonly event_action: string;
  readonly dedup_key: string;
  readonly payload?: { readonly severity: string; readonly summary: string };
  readonly links?: readonly { readonly href: string }[];
}

describe("pagerduty", () => {
  it("is told one incident by one key, from its trigger to its resolve", async () => {
    const { id, sent } = await story(stage, "pagerduty");
    const events = sent.map(({ body }) => JSON.parse(body) as PagerdutyEvent);
    expect(events.map(({ event_action, payload }) => [event_action, payload?.severity])).toEqual([
      ["trigger", "warning"],
      ["trigger", "critical"],
      ["resolve", undefined],
    ]);
    expect(new Set(events.map(({ dedup_key }) => dedup_key))).toEqual(new Set([`hashfall/${id}`]));
    expect(events[0]?.links?.[0]?.href).toBe(`${PUBLIC_URL}/#/alerts/${id}`);
  });

  it.each(["info", "warning", "critical"] as const)("knows the severity %s", (severity) => {
    expect(bodyOf<PagerdutyEvent>("pagerduty", delivered({ severity })).payload?.severity).toBe(severity);
  });
});

describe.each([
  ["pagerduty", "dedup_key"],
  ["opsgenie", "alias"],
] as const)("%s", (preset, key) => {
  it("is given two keys for two ids that begin alike, however long they are", () => {
    const keys = ["a", "b"].map(
      (end) => bodyOf<Record<string, string>>(preset, delivered({ id: `${"i".repeat(900)}${end}` }))[key],
    );
    expect(keys[0]).not.toBe(keys[1]);
  });
});

describe("opsgenie", () => {
  it("creates by alias, sets what has changed, and closes the same alias", async () => {
    const { id, sent } = await story(stage, "opsgenie", { authorization: "GenieKey k" });
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /v2/alerts",
      "POST /v2/alerts",
      `PUT /v2/alerts/${id}/message?identifierType=alias`,
      `PUT /v2/alerts/${id}/description?identifierType=alias`,
      `PUT /v2/alerts/${id}/priority?identifierType=alias`,
      `POST /v2/alerts/${id}/close?identifierType=alias`,
    ]);
    const bodies = sent.map(({ body }) => JSON.parse(body) as { alias?: string; priority?: string; message?: string });
    expect(bodies.map(({ alias }) => alias).filter(Boolean)).toEqual([id, id]);
    expect(bodies.map(({ priority }) => priority)).toEqual(["P3", "P1", undefined, undefined, "P1", undefined]);
    expect(bodies[2]?.message).toBe("KZ: updated, critical");
    for (const { headers } of sent) expect(headers.authorization).toBe("GenieKey k");
  });

  it("has at most 8000 characters in its details", () => {
    for (const alert of absurd.filter(({ type }) => type !== "resolved")) {
      const { details } = bodyOf<{ details: Record<string, string> }>("opsgenie", alert);
      expect(Object.entries(details).flat().join("").length).toBeLessThanOrEqual(8000);
    }
  });

  it("is sent the whole again when one of the requests failed", async () => {
    const webhook = webhookConfig({ url: `${stage.receiver.url}/v2/alerts`, preset: "opsgenie", secrets: [] });
    await stage.site.replica([webhook]).begun();
    stage.receiver.answers = [202, 202, 500];
    await stage.site.publish(outage({ revision: 1 }), { ...outage(), revision: 2, type: "updated" });
    await stage.receiver.until(() => stage.receiver.received.some(({ path }) => path.includes("/priority")));
    expect(stage.receiver.received.filter(({ path }) => path === "/v2/alerts").length).toBeGreaterThanOrEqual(2);
  });
});

describe("ntfy", () => {
  it("publishes JSON to the server of the topic, so that no header needs another encoding", async () => {
    const { id, sent } = await story(stage, "ntfy");
    expect(sent.map(({ path }) => path)).toEqual(["/", "/", "/"]);
    const told = sent.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(told.map(({ topic, priority, tags }) => [topic, priority, tags])).toEqual([
      ["my-topic", 4, ["warning"]],
      ["my-topic", 5, ["rotating_light"]],
      ["my-topic", 3, ["white_check_mark"]],
    ]);
    expect(told[0]?.click).toBe(`${PUBLIC_URL}/#/alerts/${id}`);
  });

  it("has at most 4096 bytes in its message: more would become an attachment", () => {
    for (const alert of absurd) {
      const { message } = bodyOf<{ message: string }>("ntfy", alert);
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4096);
    }
  });
});
