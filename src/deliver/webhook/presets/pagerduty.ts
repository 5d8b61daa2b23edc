/** PagerDuty's Events API v2: `https://events.pagerduty.com/v2/enqueue` (or events.eu). The alert's id is the `dedup_key`. */
import { SecretRef } from "../../../sources/secret.ts";
import { alertUrl, cut, json, shortKey, type WebhookPreset } from "./preset.ts";
import { factsOf, summaryOf, titleOf } from "./summary.ts";

/** Of the Events API v2: a summary has at most 1024 characters, a key at most 255. */
const LONGEST = { summary: 1024, key: 255 };

export const pagerduty: WebhookPreset = {
  name: "pagerduty",
  description: "an event of PagerDuty's Events API v2 (trigger, resolve), to `https://events.pagerduty.com/v2/enqueue`",
  keepsState: true,
  options: { routingKey: SecretRef.describe("pagerduty: the integration key, 32 characters") },
  required: ["routingKey"],
  fault: ({ routingKey = "" }) =>
    /^[A-Za-z0-9]{32}$/.test(routingKey)
      ? undefined
      : { key: "routingKey", said: "an integration key of PagerDuty has 32 letters and digits" },
  message(alert, context) {
    const url = alertUrl(alert, context.publicUrl);
    const common = {
      routing_key: context.options.routingKey,
      event_action: alert.type === "resolved" ? "resolve" : "trigger",
      dedup_key: shortKey(`hashfall/${alert.id}`, LONGEST.key),
    };
    if (alert.type === "resolved") return json(common);
    return json({
      ...common,
      client: "hashfall",
      ...(context.publicUrl === undefined ? {} : { client_url: context.publicUrl }),
      payload: {
        summary: cut(`${titleOf(alert, context)}. ${summaryOf(alert)}`, LONGEST.summary),
        source: `hashfall ${alert.network}`,
        severity: alert.severity,
        timestamp: alert.at,
        component: alert.network,
        group: alert.scope,
        class: "hash rate",
        custom_details: Object.fromEntries(factsOf(alert)),
      },
      ...(url === undefined ? {} : { links: [{ href: url, text: "This alert" }] }),
    });
  },
};
