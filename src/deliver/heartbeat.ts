/**
 * Sends a heartbeat to an outside watcher (such as healthchecks.io), which calls somebody when none comes. So none is sent while
 * hashfall runs but cannot see its networks.
 */
import type { Logger } from "pino";
import type { HeartbeatConfig } from "../config/resolve/resolved.ts";
import type { Clock } from "../model/clock.ts";
import type { ReadinessCheck } from "../model/readiness.ts";
import type { NetworkStatus } from "../model/view.ts";
import { every, type Repeating } from "../runtime/every.ts";
import type { WebhookSender } from "./webhook/send.ts";

const TIMEOUT_MS = 10_000;

export interface HeartbeatDeps {
  readonly sender: Pick<WebhookSender, "send">;
  readonly readiness: () => readonly ReadinessCheck[];
  readonly statuses: () => readonly NetworkStatus[];
  readonly real: Clock;
  readonly logger: Logger;
}

/** Sends a heartbeat now and in every interval. A failure is logged once, and the next heartbeat comes at its time. */
export function startHeartbeat({ url, intervalMs, allowPrivate }: HeartbeatConfig, deps: HeartbeatDeps): Repeating {
  const { sender, readiness, statuses, real, logger } = deps;
  const webhook = {
    ...{ name: "heartbeat", url, preset: "template", options: {}, headers: {}, hidden: [], secrets: [], filter: {} },
    ...{ resendIntervalMs: intervalMs, allowPrivate, timeoutMs: TIMEOUT_MS },
  };
  let withheld: string | null = null;
  return every(
    intervalMs,
    async () => {
      const why = whyBlind(readiness(), statuses());
      if (why !== null && why !== withheld) logger.warn({ why }, "no heartbeat is sent: hashfall does not see");
      if (why === null && withheld !== null) logger.info("heartbeats are sent again");
      withheld = why;
      if (why !== null) return;
      const now = real.now();
      const body = statuses()
        .map(({ network, state }) => `${network}: ${state}`)
        .join("\n");
      const message = { kind: "http", body, contentType: "text/plain; charset=utf-8" } as const;
      await sender.send({ webhook, id: `heartbeat-${Math.round(now)}`, message, now });
    },
    { name: "heartbeat", logger },
  );
}

/** Why no alert would not mean that all is well; null while every network is seen, if only in part. */
export function whyBlind(checks: readonly ReadinessCheck[], statuses: readonly NetworkStatus[]): string | null {
  const failed = checks.find(({ ok }) => !ok);
  if (failed !== undefined) return `${failed.name}: ${failed.detail ?? "not ready"}`;
  // `degraded` with a reason means that a tick is overdue or the store does not answer. Without one, a part of the pools is
  // missing.
  const unseen = statuses.find(({ state, why }) => state !== "ok" && (state !== "degraded" || why !== undefined));
  return unseen === undefined ? null : `${unseen.network} is ${unseen.state}${unseen.why ? `: ${unseen.why}` : ""}`;
}
