/**
 * Alertmanager's /api/v2/alerts, as `postableAlerts` of its published OpenAPI document has it.
 *
 * Alertmanager keeps nothing over a restart, and ends an alert at its `endsAt`. So, as Prometheus does it, an open alert
 * is sent again every `resendInterval` with an end a few minutes ahead: a restarted Alertmanager knows it again within
 * that interval, and when hashfall is gone it stops firing after those minutes.
 */
import type { DeliveredAlert } from "../../../model/alert.ts";
import { isoTime } from "../../../model/tick.ts";
import { annotationsOf, labelsOf } from "./alertmanager-labels.ts";
import { alertUrl, json, type PayloadContext, type WebhookPreset } from "./preset.ts";

export const alertmanager: WebhookPreset = {
  name: "alertmanager",
  description: "into an Alertmanager's /api/v2/alerts; open alerts are sent again every `resendInterval`",
  keepsState: true,
  // Without the labels that an alert had before: those have been ended.
  stillOpen: (alerts, { now, openForMs, publicUrl }) =>
    json(alerts.map((event) => postable(event, isoTime(now + openForMs), publicUrl))),
  message: (_alert, context) => json(alertmanagerAlerts(context)),
};

interface PostableAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

/**
 * The alert as it stands now. To Alertmanager other labels are another alert, and ours change (a severity rises, a region
 * is named): every set of labels that was shown before is ended where the next one began.
 */
function alertmanagerAlerts({ history, now, openForMs, publicUrl, isTest }: PayloadContext): readonly PostableAlert[] {
  const newest = history.at(-1);
  if (newest === undefined) return [];
  const open = newest.type === "resolved" ? (newest.endedAt ?? newest.at) : isoTime(now + openForMs);
  const current = postable(newest, open, publicUrl, isTest);
  const ended = new Map<string, PostableAlert>();
  history.forEach((event, i) => {
    const next = history[i + 1];
    if (next !== undefined) ended.set(labelKey(event), postable(event, next.at, publicUrl));
  });
  ended.delete(labelKey(newest));
  return [...ended.values(), current];
}

function postable(event: DeliveredAlert, endsAt: string, publicUrl: string | undefined, isTest = false): PostableAlert {
  const url = alertUrl(event, publicUrl);
  return {
    labels: labelsOf(event, isTest),
    annotations: annotationsOf(event),
    startsAt: event.startedAt,
    // Alertmanager refuses an alert that ends before it begins.
    endsAt: Date.parse(endsAt) < Date.parse(event.startedAt) ? event.startedAt : endsAt,
    ...(url === undefined ? {} : { generatorURL: url }),
  };
}

function labelKey(alert: DeliveredAlert): string {
  return JSON.stringify(labelsOf(alert));
}
