/**
 * Alertmanager's two shapes: what clients POST to its /api/v2/alerts (`postableAlerts` of its published OpenAPI document),
 * and what it POSTs to webhook receivers itself (version 4).
 */
import { createHash } from "node:crypto";
import type { DeliveredAlert } from "../../model/alert.ts";
import { sentence, subjectOf } from "../../model/alert-subject.ts";
import { isoTime } from "../../model/tick.ts";
import { alertUrl, type PayloadContext } from "./payload-context.ts";
import { probabilityOf, summaryOf } from "./summary.ts";

/**
 * Without an end Alertmanager closes an alert five minutes after it was last sent (`resolve_timeout`); we send at every
 * change and at the end, so an open alert is said to last longer than any that we keep open: `newRegimeAfter` is at most a year.
 */
const OPEN_MS = 366 * 86_400_000;

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
export function alertmanagerAlerts({ history, now, publicUrl }: PayloadContext): readonly PostableAlert[] {
  const newest = history.at(-1);
  if (newest === undefined) return [];
  const open = newest.type === "resolved" ? (newest.endedAt ?? newest.at) : isoTime(now + OPEN_MS);
  const current = postable(newest, open, publicUrl);
  const ended = new Map<string, PostableAlert>();
  history.forEach((event, i) => {
    const next = history[i + 1];
    if (next !== undefined) ended.set(labelKey(event), postable(event, next.at, publicUrl));
  });
  ended.delete(labelKey(newest));
  return [...ended.values(), current];
}

function postable(event: DeliveredAlert, endsAt: string, publicUrl: string | undefined): PostableAlert {
  const url = alertUrl(event, publicUrl);
  return {
    labels: labelsOf(event),
    annotations: annotationsOf(event),
    startsAt: event.startedAt,
    // Alertmanager refuses what ends before it begins.
    endsAt: Date.parse(endsAt) < Date.parse(event.startedAt) ? event.startedAt : endsAt,
    ...(url === undefined ? {} : { generatorURL: url }),
  };
}

/** The payload of Alertmanager's own webhook notifications, with one alert. */
export function alertmanagerWebhook(alert: DeliveredAlert, { webhook, publicUrl }: PayloadContext): object {
  const labels = labelsOf(alert);
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

function labelsOf(alert: DeliveredAlert): Record<string, string> {
  return {
    alertname: "HashfallAlert",
    alert_id: alert.id,
    network: alert.network,
    scope: alert.scope,
    severity: alert.severity,
    ...(alert.region === null ? {} : { region: alert.region }),
    ...(alert.pool === undefined ? {} : { pool: alert.pool }),
    ...(typeof alert.source === "string" ? { source: alert.source } : {}),
  };
}

function labelKey(alert: DeliveredAlert): string {
  return JSON.stringify(labelsOf(alert));
}

function annotationsOf(alert: DeliveredAlert): Record<string, string> {
  const probability = probabilityOf(alert);
  return {
    summary: summaryOf(alert),
    subject: sentence(subjectOf(alert)),
    revision: String(alert.revision),
    ...(probability === null ? {} : { probability }),
    ...(alert.cause === undefined ? {} : { cause: alert.cause.why }),
  };
}
