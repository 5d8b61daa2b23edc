/** What Alertmanager POSTs to webhook receivers (version 4 of its payload), with one alert. */
import { createHash } from "node:crypto";
import type { DeliveredAlert } from "../../../model/alert.ts";
import { annotationsOf, labelsOf } from "./alertmanager-labels.ts";
import { alertUrl, json, type PayloadContext, type WebhookPreset } from "./preset.ts";

export const alertmanagerWebhook: WebhookPreset = {
  name: "alertmanager-webhook",
  description: "what an Alertmanager sends to its own receivers, for tools that take that",
  keepsState: false,
  message: (alert, context) => json(notification(alert, context)),
};

function notification(alert: DeliveredAlert, { webhook, publicUrl, isTest }: PayloadContext): object {
  const labels = labelsOf(alert, isTest);
  const annotations = annotationsOf(alert);
  const status = alert.type === "resolved" ? "resolved" : "firing";
  const one = {
    status,
    labels,
    annotations,
    startsAt: alert.startedAt,
    // Alertmanager writes "not ended yet" as the year 1.
    endsAt: alert.endedAt ?? "0001-01-01T00:00:00Z",
    generatorURL: alertUrl(alert, publicUrl) ?? "",
    fingerprint: createHash("sha256").update(alert.id).digest("hex").slice(0, 16),
  };
  return {
    version: "4",
    groupKey: `{}:{alert_id="${alert.id}"}`,
    truncatedAlerts: 0,
    status,
    receiver: webhook,
    groupLabels: { alert_id: alert.id },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: publicUrl ?? "",
    alerts: [one],
  };
}
