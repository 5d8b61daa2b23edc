/** Counters of closed label sets start at 0, so that a rate over the first event is not lost; what is configured is told. */
import type { NetworkConfig } from "../config/resolve/resolved.ts";
import { ALERT_TYPES, SCOPES, SEVERITIES } from "../model/alert.ts";
import { ERROR_CLASSES } from "../sources/contract.ts";
import type { Metrics } from "./metrics.ts";

/** `result` of `hashfall_polls_total`. */
export const POLL_RESULTS = ["ok", "not-modified", "empty", ...ERROR_CLASSES] as const;
/** `result` of `hashfall_samples_total`. */
export const SAMPLE_RESULTS = ["added", "duplicate", "moved", "late"] as const;
/** `result` of `hashfall_commits_total`. */
export const COMMIT_RESULTS = ["committed", "conflict", "superseded"] as const;

/** Call at start and after a reload, with the roles that move these counters here; adding 0 again changes nothing. */
export function seedCounters(metrics: Metrics, networks: readonly NetworkConfig[]): void {
  // A network that a reload took away is configured no more.
  metrics.tick.interval.clear();
  metrics.detect.budget.clear();
  for (const { name: network, intervalMs, model, sources, witnesses = [] } of networks) {
    metrics.tick.interval.set({ network }, intervalMs / 1000);
    metrics.detect.budget.set({ network }, model.detection.falseAlarmsPerMonth);
    for (const scope of SCOPES)
      for (const type of ALERT_TYPES)
        for (const severity of SEVERITIES) metrics.alerts.total.inc({ network, scope, type, severity }, 0);
    for (const result of SAMPLE_RESULTS) metrics.samples.total.inc({ network, result }, 0);
    for (const result of COMMIT_RESULTS) metrics.detect.commits.inc({ network, result }, 0);
    metrics.poll.overlapped.inc({ network }, 0);
    metrics.poll.missed.inc({ network }, 0);
    metrics.poll.failed.inc({ network }, 0);
    metrics.poll.takenOver.inc({ network }, 0);
    for (const source of [...sources, ...witnesses])
      for (const result of POLL_RESULTS) metrics.poll.total.inc({ source: source.id, result }, 0);
  }
}
