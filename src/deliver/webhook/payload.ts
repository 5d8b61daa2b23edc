/** Bodies of deliveries: an alert event in the shapes that receivers know. The same alert id in all of them. */
import type { DeliveredAlert } from "../../model/alert.ts";
import { alertmanagerAlerts, alertmanagerWebhook } from "./alertmanager.ts";
import type { WebhookPreset } from "./contract.ts";
import type { PayloadContext } from "./payload-context.ts";
import { slackMessage } from "./slack.ts";

/**
 * The body as text. `hashfall` is the event with its envelope, as the socket and REST show it, and depends on nothing
 * else; the others also depend on what became of the alert since.
 */
export function payloadOf(preset: WebhookPreset, alert: DeliveredAlert, context: PayloadContext): string {
  switch (preset) {
    case "hashfall":
      return JSON.stringify(alert);
    case "alertmanager":
      return JSON.stringify(alertmanagerAlerts(context));
    case "alertmanager-webhook":
      return JSON.stringify(alertmanagerWebhook(alert, context));
    case "slack":
      return JSON.stringify(slackMessage(alert, context));
  }
}

/**
 * A receiver that keeps a state is given the newest one, whichever event a delivery is for: then a late attempt can not
 * open again what has ended.
 */
export function tellsState(preset: WebhookPreset): boolean {
  return preset === "alertmanager";
}
