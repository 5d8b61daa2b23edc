/** The BullMQ worker that delivers to receivers: attempts, waits between them, and a limit per webhook. */
import { setTimeout as delay } from "node:timers/promises";
import { type ConnectionOptions, DelayedError, type Job, UnrecoverableError, Worker } from "bullmq";
import type { Logger } from "pino";
import { type Metrics, WEBHOOK_RESULTS } from "../../metrics/metrics.ts";
import { messageOf } from "../../model/errors.ts";
import { NO_TRACING, type Tracing, traced } from "../../tracing/contract.ts";
import { alertAttributes } from "../delivery-trace.ts";
import type { NotifyJob } from "./contract.ts";
import { type DeliverDeps, type DeliverOptions, deliver } from "./deliver.ts";
import { NOTIFY_QUEUE } from "./notify-queue.ts";
import { retryWaitMs } from "./retry-wait.ts";
import { DeliveryError, type WebhookSender } from "./send.ts";

export interface NotifyWorker {
  /** Real time of the last successful job, ms; null before the first. */
  lastCompletedAt(): number | null;
  /** Whether this worker is delivering something. */
  busy(): boolean;
  /** Waits at most `graceMs` for deliveries under way, then releases them: another worker retries them. */
  stop(graceMs?: number): Promise<void>;
}

export interface NotifyWorkerOptions extends DeliverOptions {
  /** BullMQ's key prefix. */
  readonly prefix: string;
  /** First wait before another attempt, ms. */
  readonly retryDelayMs?: number;
}

export interface NotifyWorkerDeps extends DeliverDeps {
  /** Use `worker`. */
  readonly connection: ConnectionOptions;
  /** Owned and closed by the worker. */
  readonly sender: WebhookSender;
  readonly metrics: Metrics;
  /** Off when absent. */
  readonly tracing?: Tracing;
  readonly logger: Logger;
}

/** Most deliveries to one webhook at once. A further one is delayed, so that a receiver that hangs delays only itself. */
const AT_ONCE = 4;
const PUT_BACK_MS = 250;
/**
 * Lock of a delivery, ms. If its worker or Redis was killed, another worker makes the delivery after about twice this time: the
 * longest wait for a trader. While a slow receiver is waited for, the lock is renewed.
 */
const LOCK_MS = 6_000;

export function makeNotifyWorker(options: NotifyWorkerOptions, deps: NotifyWorkerDeps): NotifyWorker {
  const { logger, metrics, real, tracing = NO_TRACING } = deps;
  const underWay = new Map<string, number>();
  let lastCompletedAt: number | null = null;

  async function work(job: Job<NotifyJob>, token: string | undefined): Promise<void> {
    const { webhook, alert } = job.data;
    const before = underWay.get(webhook) ?? 0;
    if (before >= AT_ONCE) {
      await job.moveToDelayed(Date.now() + PUT_BACK_MS, token);
      throw new DelayedError();
    }
    underWay.set(webhook, before + 1);
    try {
      const attributes = { ...alertAttributes(alert), "hashfall.webhook": webhook };
      const span = { parent: alert.traceparent, kind: "client", attributes } as const;
      const result = await traced(tracing, `notify ${webhook}`, span, () => deliver(job.data, options, deps));
      metrics.webhooks.total.inc({ webhook, result });
    } catch (error) {
      if (error instanceof DeliveryError && error.isGone) throw new UnrecoverableError(error.message);
      throw error;
    } finally {
      underWay.set(webhook, (underWay.get(webhook) ?? 1) - 1);
    }
  }

  for (const { name: webhook } of options.webhooks)
    for (const result of WEBHOOK_RESULTS) metrics.webhooks.total.inc({ webhook, result }, 0);
  const worker = new Worker<NotifyJob>(NOTIFY_QUEUE, work, {
    connection: deps.connection,
    prefix: options.prefix,
    concurrency: AT_ONCE * (options.webhooks.length + 1),
    lockDuration: LOCK_MS,
    stalledInterval: LOCK_MS,
    maxStalledCount: 3,
    settings: {
      backoffStrategy: (attempt, _type, error) =>
        retryWaitMs(attempt, error instanceof DeliveryError ? error.waitMs : undefined, options.retryDelayMs),
    },
  });
  worker.on("error", (error) => logger.warn({ why: messageOf(error) }, "the notify worker's connection failed"));
  worker.on("completed", () => {
    lastCompletedAt = real.now();
  });
  worker.on("failed", (job, error) => {
    if (job === undefined) return;
    const { webhook, alert } = job.data;
    const isDead = error instanceof UnrecoverableError || job.attemptsMade >= (job.opts.attempts ?? 1);
    metrics.webhooks.total.inc({ webhook, result: isDead ? "dead" : "retried" });
    const { network, at: tick, id, revision } = alert;
    const said = { webhook, network, tick, alert: id, revision, attempt: job.attemptsMade, why: error.message };
    if (isDead) logger.error(said, "a webhook was given up; see /api/v1/webhooks/dead");
    else logger.warn(said, "a webhook failed; it is tried again");
  });
  return {
    lastCompletedAt: () => lastCompletedAt,
    busy: () => [...underWay.values()].some((count) => count > 0),
    async stop(graceMs = 5_000) {
      const closing = worker.close();
      // Closing has no deadline of its own, and a receiver may hang. The next worker retries a delivery that was broken off.
      await Promise.race([closing, delay(graceMs, undefined, { ref: false })]);
      await deps.sender.close();
      await closing;
    },
  };
}
