/** Labels and annotations of an alert, the same in both of Alertmanager's shapes. */
import type { DeliveredAlert } from "../../../model/alert.ts";
import { sentence, subjectOf } from "../../../model/alert-subject.ts";
import { probabilityOf, summaryOf } from "./summary.ts";

/** What Alertmanager routes and groups by. */
export function labelsOf(alert: DeliveredAlert, isTest = false): Record<string, string> {
  return {
    alertname: isTest ? "HashfallTest" : "HashfallAlert",
    alert_id: alert.id,
    network: alert.network,
    scope: alert.scope,
    severity: alert.severity,
    ...(alert.region === null ? {} : { region: alert.region }),
    ...(alert.pool === undefined ? {} : { pool: alert.pool }),
    ...(typeof alert.source === "string" ? { source: alert.source } : {}),
  };
}

/** What people read in a notification. */
export function annotationsOf(alert: DeliveredAlert): Record<string, string> {
  const probability = probabilityOf(alert);
  return {
    summary: summaryOf(alert),
    subject: sentence(subjectOf(alert)),
    revision: String(alert.revision),
    ...(probability === null ? {} : { probability }),
    ...(alert.cause === undefined ? {} : { cause: alert.cause.why }),
  };
}
