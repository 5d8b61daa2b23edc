/**
 * Opsgenie's Alert API: create at `https://api.opsgenie.com/v2/alerts` (or api.eu), close at `/v2/alerts/ALIAS/close`.
 * The key goes into `authorization`: `GenieKey ...`. Limits as in its reference.
 *
 * A second create with the same alias only counts up. So an alert that has moved on is created, in case Opsgenie missed
 * it, and then its message, description and priority are set.
 */
import { alertUrl, cut, type HttpMessage, shortKey, type WebhookPreset } from "./preset.ts";
import { factsOf, summaryOf, titleOf } from "./summary.ts";

/** Twenty details of 200 characters stay below the 8000 that all details may have together. */
const LONGEST = { message: 130, alias: 512, description: 15_000, note: 25_000, tag: 50, detail: 200, entity: 512 };
const PRIORITIES = { info: "P5", warning: "P3", critical: "P1" } as const;

export const opsgenie: WebhookPreset = {
  name: "opsgenie",
  description:
    "create and close of Opsgenie's Alert API, to `https://api.opsgenie.com/v2/alerts` with `authorization: GenieKey ...`",
  keepsState: true,
  message(alert, context) {
    const alias = shortKey(alert.id, LONGEST.alias);
    const request = (action: string, body: object, method?: "PUT"): HttpMessage => ({
      kind: "http",
      url: `${context.url.replace(/\/+$/, "")}/${encodeURIComponent(alias)}/${action}?identifierType=alias`,
      body: JSON.stringify(body),
      ...(method === undefined ? {} : { method }),
    });
    if (alert.type === "resolved")
      return request("close", { source: "hashfall", note: cut(summaryOf(alert), LONGEST.note) });
    const url = alertUrl(alert, context.publicUrl);
    const message = cut(titleOf(alert, context), LONGEST.message);
    const lines = [summaryOf(alert), ...(url === undefined ? [] : [url])];
    const description = cut(lines.join("\n"), LONGEST.description);
    const priority = PRIORITIES[alert.severity];
    const create = {
      message,
      alias,
      description,
      details: Object.fromEntries(factsOf(alert).map(([name, value]) => [name, cut(value, LONGEST.detail)])),
      tags: ["hashfall", alert.network, alert.scope].map((tag) => cut(tag, LONGEST.tag)),
      entity: cut(alert.network, LONGEST.entity),
      source: "hashfall",
      priority,
    };
    const updates = [
      request("message", { message }, "PUT"),
      request("description", { description }, "PUT"),
      request("priority", { priority }, "PUT"),
    ];
    return {
      kind: "http",
      body: JSON.stringify(create),
      ...(alert.type === "updated" ? { followUps: updates } : {}),
    };
  },
};
