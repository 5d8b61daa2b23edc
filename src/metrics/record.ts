/** Carries what the worker reports to counters and logs: told by the committer alone, so that each event counts once. */
import type { Logger } from "pino";
import type { Committed } from "../jobs/decide.ts";
import { isoTime } from "../model/tick.ts";
import type { Metrics } from "./metrics.ts";

/** A commit of one or more ticks. */
export function recordCommit(committed: Committed, deps: { metrics: Metrics; logger: Logger }): void {
  const { metrics, logger } = deps;
  const { network, events, view } = committed;
  metrics.detect.commits.inc({ network, result: "committed" });
  metrics.detect.duration.observe({}, committed.tookMs / committed.ticks / 1000);
  for (const { scope, type, severity } of events) metrics.alerts.total.inc({ network, scope, type, severity });
  for (const [reason, rows] of Object.entries(view.rejected)) {
    metrics.samples.rejected.inc({ network, reason }, rows);
  }
  logger.debug(
    {
      network,
      tick: isoTime(committed.tick),
      ticks: committed.ticks,
      ms: Math.round(committed.tookMs),
      state: view.state,
    },
    "decided",
  );
  for (const { type, id, revision, scope, region, severity } of events) {
    logger.info({ network, tick: isoTime(committed.tick), type, id, revision, scope, region, severity }, "alert");
  }
}
