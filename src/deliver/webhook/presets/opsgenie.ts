/**
 * Opsgenie's Alert API: create at `https://api.opsgenie.com/v2/alerts` (or api.eu), close at `/v2/alerts/ALIAS/close`.
 * The key goes into `authorization`: `GenieKey ...`. Limits as in its reference.
 */
import { alertUrl, cut, type WebhookPreset } from "./preset.ts";
import { factsOf, summaryOf, titleOf } from "./summary.ts";

const LONGEST = { message: 130, alias: 512, description: 15_000, note: 25_000 };
const PRIORITIES = { info: "P5", warning: "P3", critical: "P1" } as const;

export const opsgenie: WebhookPreset = {
  name: "opsgenie",
  description:
    "create and close of Opsgenie's Alert API, to `https://api.opsgenie.com/v2/alerts` with `authorization: GenieKey ...`",
  keepsState: true,
  message(alert, context) {
    const alias = cut(alert.id, LONGEST.alias);
    if (alert.type === "resolved") {
      const base = context.url.replace(/\/+$/, "");
      return {
        kind: "http",
        url: `${base}/${encodeURIComponent(alias)}/close?identifierType=alias`,
        body: JSON.stringify({ source: "hashfall", note: cut(summaryOf(alert), LONGEST.note) }),
      };
    }
    const url = alertUrl(alert, context.publicUrl);
    const facts = factsOf(alert);
    return {
      kind: "http",
      body: JSON.stringify({
        message: cut(titleOf(alert, context), LONGEST.message),
        alias,
        description: cut([summaryOf(alert), ...(url === undefined ? [] : [url])].join("\n"), LONGEST.description),
        details: Object.fromEntries(facts),
        tags: ["hashfall", alert.network, alert.scope],
        entity: alert.network,
        source: "hashfall",
        priority: PRIORITIES[alert.severity],
      }),
    };
  },
};
