/** Webhooks end to end: outbox -> notify queue -> worker -> receiver, with retries, dead letters and silences. */
import { type Job, Queue, UnrecoverableError, Worker } from "bullmq";
import type { AlertStore } from "../../store/contract.ts";
import type { DeadLetters } from "../contract.ts";
import { silencing } from "../silences.ts";
import type { Webhooks, WebhooksDeps, WebhooksOptions } from "./contract.ts";
import { type NotifyJob, Outbox } from "./outbox.ts";
import { deliveryId, payloadOf } from "./payload.ts";
import { DeliveryError, WebhookSender } from "./send.ts";

export const NOTIFY_QUEUE = "notify";

/** Waits of 2 s doubling to 30 min with jitter: the last of 14 attempts comes about four hours after the first. */
const ATTEMPTS = 14;
const FIRST_DELAY_MS = 2_000;
const MAX_DELAY_MS = 30 * 60_000;
const DAY_SECONDS = 86_400;
const CONCURRENCY = 8;
const STOP_GRACE_MS = 5_000;
/** A worker that died leaves its delivery to another after about twice this. */
const LOCK_MS = 20_000;

/** Queue and worker are made here; nothing is sent before `start`. */
export function makeWebhooks(
  options: WebhooksOptions,
  deps: WebhooksDeps & { readonly alerts: Pick<AlertStore, "get"> },
): Webhooks {
  const { logger, metrics, silences, real } = deps;
  const { prefix } = options;
  const configs = new Map(options.webhooks.map((webhook) => [webhook.name, webhook]));
  const sender = new WebhookSender();
  const queue = new Queue<NotifyJob>(NOTIFY_QUEUE, {
    connection: deps.queueConnection,
    prefix,
    defaultJobOptions: {
      attempts: ATTEMPTS,
      backoff: { type: "custom" },
      // Remembered for as long as a replica could still offer the same event.
      removeOnComplete: { age: 7 * DAY_SECONDS, count: 2_000 },
      removeOnFail: { age: 30 * DAY_SECONDS, count: 2_000 },
    },
  });
  queue.on("error", (error) => logger.warn({ err: error }, "the notify queue's connection failed"));
  const outbox = new Outbox(options, { ...deps, queue });
  let worker: Worker<NotifyJob> | null = null;

  async function deliver({ data: { webhook: name, alert } }: Job<NotifyJob>): Promise<void> {
    const webhook = configs.get(name);
    if (!webhook) throw new UnrecoverableError(`webhook "${name}" is not configured any more`);
    if (silencing(await silences.list(), alert, real.now())) {
      metrics.webhooks.total.inc({ webhook: name, result: "silenced" });
      return;
    }
    const { externalUrl } = options;
    const body = payloadOf(webhook.shape, alert, { webhook: name, ...(externalUrl ? { externalUrl } : {}) });
    try {
      await sender.send({ url: webhook.url, id: deliveryId(alert), body, secret: webhook.secret, now: real.now() });
    } catch (error) {
      if (error instanceof DeliveryError && error.isFinal) throw new UnrecoverableError(error.message);
      throw error;
    }
    metrics.webhooks.total.inc({ webhook: name, result: "delivered" });
  }

  function wait(attempt: number, error: Error | undefined): number {
    const first = options.retryDelayMs ?? FIRST_DELAY_MS;
    const ceiling = Math.min(MAX_DELAY_MS, first * 2 ** (attempt - 1));
    const asked = error instanceof DeliveryError ? (error.retryAfterMs ?? 0) : 0;
    // Half fixed, half random: receivers that came back are not met by everybody at once.
    return Math.max(Math.min(asked, MAX_DELAY_MS), ceiling / 2 + (Math.random() * ceiling) / 2);
  }

  function startWorker(): Worker<NotifyJob> {
    const started = new Worker<NotifyJob>(NOTIFY_QUEUE, deliver, {
      connection: deps.workerConnection,
      prefix,
      concurrency: CONCURRENCY,
      lockDuration: LOCK_MS,
      stalledInterval: LOCK_MS,
      maxStalledCount: 3,
      settings: { backoffStrategy: (attempt, _type, error) => wait(attempt, error) },
    });
    started.on("error", (error) => logger.warn({ err: error }, "the notify worker's connection failed"));
    started.on("failed", (job, error) => {
      if (!job) return;
      const isDead = error instanceof UnrecoverableError || job.attemptsMade >= ATTEMPTS;
      const { webhook, alert } = job.data;
      metrics.webhooks.total.inc({ webhook, result: isDead ? "dead" : "retried" });
      const said = { webhook, alert: alert.id, revision: alert.revision, why: error.message };
      if (isDead) logger.error(said, "a webhook was given up; see /api/v1/webhooks/dead");
      else logger.warn(said, "a webhook failed; it is tried again");
    });
    return started;
  }

  for (const { name } of options.webhooks)
    for (const result of ["delivered", "retried", "dead", "silenced"])
      metrics.webhooks.total.inc({ webhook: name, result }, 0);
  return {
    deadLetters: deadLettersOf(queue),
    start() {
      worker ??= startWorker();
      outbox.start();
    },
    counts: () => queue.getJobCounts("waiting", "active", "delayed", "failed", "completed"),
    async stop() {
      await outbox.stop();
      if (worker) {
        const closing = worker;
        const cutOff = setTimeout(() => void closing.close(true), STOP_GRACE_MS);
        await closing.close();
        clearTimeout(cutOff);
      }
      await queue.close();
      await sender.close();
    },
  };
}

/** BullMQ keeps what failed for good; nothing else is needed to list it and to try it again. */
function deadLettersOf(queue: Queue<NotifyJob>): DeadLetters {
  return {
    async list(limit) {
      const jobs = await queue.getJobs(["failed"], 0, limit - 1);
      return jobs.map((job) => ({
        id: job.id ?? "",
        webhook: job.data.webhook,
        alertId: job.data.alert.id,
        revision: job.data.alert.revision,
        failedAt: new Date(job.finishedOn ?? job.timestamp).toISOString(),
        attempts: job.attemptsMade,
        reason: job.failedReason,
      }));
    },
    async redrive(id) {
      const jobs = id === undefined ? await queue.getJobs(["failed"]) : [await queue.getJob(id)];
      let redriven = 0;
      for (const job of jobs) {
        if (!job || !(await job.isFailed())) continue;
        await job.retry("failed", { resetAttemptsMade: true });
        redriven += 1;
      }
      return redriven;
    },
  };
}
