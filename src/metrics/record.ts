/** Carries what pollers and workers report to counters and logs. Commits are told by the committer alone: each event counts once. */
import type { Logger } from "pino";
import type { Committed } from "../jobs/decide.ts";
import { messageOf } from "../model/errors.ts";
import type { SourceHealth } from "../model/source-health.ts";
import { isoTime } from "../model/tick.ts";
import type { PollEvent } from "../poll/events.ts";
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

/** What a poller tells. A failing source is said once a tick at debug level; its class is in the metrics. */
export function recordPoll(event: PollEvent, deps: { metrics: Metrics; logger: Logger }): void {
  const { metrics, logger } = deps;
  const { network } = event;
  switch (event.type) {
    case "asked": {
      const { source, result, outcome, tookMs, rows, skipped } = event;
      metrics.poll.duration.observe({ source }, tookMs / 1000);
      metrics.poll.total.inc({ source, result }, 1);
      for (const [reason, count] of Object.entries(skipped)) {
        metrics.samples.rejected.inc({ network, reason: reason.replaceAll(" ", "-") }, count);
      }
      const detail = outcome.kind === "error" ? outcome.detail : undefined;
      const tick = isoTime(event.tick);
      logger.debug({ network, tick, source, result, rows, ms: Math.round(tookMs), detail }, "asked");
      return;
    }
    case "polled": {
      const { added, duplicates, moved, late } = event.stored;
      for (const [result, count] of Object.entries({ added, duplicate: duplicates, moved, late })) {
        metrics.samples.total.inc({ network, result }, count);
      }
      if (event.takeover) {
        metrics.poll.takenOver.inc({ network });
        logger.warn({ network, tick: isoTime(event.tick) }, "took over a tick whose claimant died");
      }
      logger.debug({ network, tick: isoTime(event.tick), ...event.stored }, "polled");
      return;
    }
    case "failed":
      metrics.poll.failed.inc({ network });
      logger.warn({ network, tick: isoTime(event.tick), why: messageOf(event.error) }, "a tick could not be stored");
      return;
    case "overlap":
      metrics.poll.overlapped.inc({ network });
      return;
    case "missed":
      metrics.poll.missed.inc({ network });
      logger.warn({ network, tick: isoTime(event.tick) }, "nobody polled this tick");
      return;
    case "overdue":
      logger.warn({ network, tick: isoTime(event.tick), byMs: Math.round(event.byMs) }, "the current tick is overdue");
      return;
  }
}

/** A source that began to fail is said once, with its own words; and once more when it answers again. */
export function recordHealthChange(network: string, health: SourceHealth, logger: Logger): void {
  const { source, state, since, class: errorClass, error } = health;
  if (state === "failing") {
    logger.warn({ network, source, class: errorClass, error, since: isoTime(since) }, "a source is failing");
  } else logger.info({ network, source }, "a source that was failing answers again");
}
