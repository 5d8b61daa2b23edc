/** An alert event in the shapes that receivers know. The same alert id in all of them. */
import { createHash } from "node:crypto";
import type { DeliveredAlert } from "../../model/alert.ts";
import type { WebhookShape } from "./contract.ts";

export interface PayloadOptions {
  readonly webhook: string;
  /** Where people reach the page; absent where it was not configured. */
  readonly externalUrl?: string;
}

/** Body of a delivery; equal for equal events, so that a retry sends the very same bytes. */
export function payloadOf(shape: WebhookShape, alert: DeliveredAlert, options: PayloadOptions): string {
  const makers = { standard, alertmanager, slack };
  return JSON.stringify(makers[shape](alert, options));
}

/** (id, revision): the idempotency key, the same for every replica, attempt and redrive. */
export function deliveryId(alert: DeliveredAlert): string {
  return `${alert.id}-${alert.revision}`;
}

function standard(alert: DeliveredAlert): object {
  return { type: `alert.${alert.type}`, timestamp: alert.at, data: alert };
}

/** The payload of Alertmanager's own webhook receiver, version 4. */
function alertmanager(alert: DeliveredAlert, { webhook, externalUrl = "" }: PayloadOptions): object {
  const labels = {
    alertname: "HashfallAlert",
    alert_id: alert.id,
    network: alert.network,
    scope: alert.scope,
    severity: alert.severity,
    ...(alert.region === null ? {} : { region: alert.region }),
    ...(alert.pool === undefined ? {} : { pool: alert.pool }),
  };
  const annotations = { summary: summaryOf(alert), revision: String(alert.revision) };
  const status = alert.type === "resolved" ? "resolved" : "firing";
  const one = {
    status,
    labels,
    annotations,
    startsAt: alert.startedAt,
    // Alertmanager writes "not ended yet" as the year 1.
    endsAt: alert.endedAt ?? "0001-01-01T00:00:00Z",
    generatorURL: externalUrl,
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
    externalURL: externalUrl,
    alerts: [one],
  };
}

const SIGNS = { info: ":large_blue_circle:", warning: ":large_orange_circle:", critical: ":red_circle:" } as const;

function slack(alert: DeliveredAlert, { externalUrl }: PayloadOptions): object {
  const sign = alert.type === "resolved" ? ":white_check_mark:" : SIGNS[alert.severity];
  const text = `${sign} ${escapeSlack(summaryOf(alert))}`;
  const link = externalUrl === undefined ? "" : ` · <${externalUrl}|page>`;
  const context = `${escapeSlack(alert.id)} · revision ${alert.revision}${link}`;
  return {
    text,
    blocks: [
      { type: "section", text: { type: "mrkdwn", text } },
      { type: "context", elements: [{ type: "mrkdwn", text: context }] },
    ],
  };
}

function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** `KZ lost 71 % (50 to 95 %) of its hash rate since 2022-01-05T10:32:00Z, 12 % of bitcoin` */
export function summaryOf(alert: DeliveredAlert): string {
  const subject = subjectOf(alert);
  if (alert.type === "resolved")
    return `${subject}: ${alert.resolution ?? "resolved"}, ended ${alert.endedAt ?? alert.at}`;
  if (alert.scope === "source") return `${subject} is ${alert.verdict ?? "stale"} since ${alert.startedAt}`;
  const percent = (fraction: number): string => `${Math.round(fraction * 100)} %`;
  const { drop, lost } = alert;
  const how = drop
    ? `lost ${percent(drop.estimate)} (${percent(drop.low)} to ${percent(drop.high)}) of its hash rate`
    : "fell";
  const share = lost ? `, ${percent(lost.networkShare)} of ${alert.network}` : "";
  return `${subject} ${how} since ${alert.startedAt}${share}`;
}

function subjectOf(alert: DeliveredAlert): string {
  if (alert.scope === "pool") return `Pool ${alert.pool ?? "?"}`;
  if (alert.scope === "source") return alert.source ? `Source ${alert.source}` : `Network ${alert.network}`;
  if (alert.scope === "network") return `Network ${alert.network}`;
  if (alert.region !== null) return alert.region;
  const likely = (alert.candidates ?? []).filter(({ probability }) => probability >= 0.1).map(({ region }) => region);
  return likely.length === 0 ? "A region" : likely.join(" or ");
}
