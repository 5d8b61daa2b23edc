/** The queue between the alert log and the receivers. BullMQ also keeps the deliveries that failed for good. */

import { type ConnectionOptions, type Job, Queue } from "bullmq";
import type { Logger } from "pino";
import { DAY_SECONDS } from "../../model/time-units.ts";
import type { DisabledWebhooks } from "../../store/disabled-webhooks.ts";
import type { DeadLetters } from "../contract.ts";
import { deliveryId, type NotifyJob, type NotifyQueue } from "./contract.ts";

export const NOTIFY_QUEUE = "notify";

/**
 * Number of attempts. Waits double from 2 s to 2 h, each shortened by up to half (see `retryWaitMs`), so the last attempt comes
 * four to eight hours after the first. A receiver that is repaired the same working day misses nothing.
 */
export const ATTEMPTS = 16;
/** How long finished jobs are kept, seconds: as long as an outbox may offer the same event again, see `OLDEST_NEWS_MS`. */
const REMEMBERED_SECONDS = 7 * DAY_SECONDS;
const REMEMBERED = 2_000;
const REDRIVE_AT_ONCE = 50;

export interface NotifyQueueDeps {
  /** Use `queue`. */
  readonly connection: ConnectionOptions;
  readonly disabled: DisabledWebhooks;
  readonly logger: Logger;
}

/**
 * @param options.prefix BullMQ's key prefix, with the hash tag of all keys
 * @param options.attempts before a delivery has failed for good
 */
export function makeNotifyQueue(
  options: { readonly prefix: string; readonly attempts?: number },
  { connection, disabled, logger }: NotifyQueueDeps,
): NotifyQueue {
  const queue = new Queue<NotifyJob>(NOTIFY_QUEUE, {
    connection,
    prefix: options.prefix,
    defaultJobOptions: {
      attempts: options.attempts ?? ATTEMPTS,
      backoff: { type: "custom" },
      removeOnComplete: { age: REMEMBERED_SECONDS, count: REMEMBERED },
      removeOnFail: { age: 30 * DAY_SECONDS, count: REMEMBERED },
      stackTraceLimit: 0,
    },
  });
  queue.on("error", (error) => logger.warn({ err: error }, "the notify queue's connection failed"));
  return {
    async add(jobs) {
      if (jobs.length === 0) return;
      await queue.addBulk(jobs.map((data) => ({ name: "deliver", data, opts: { jobId: jobId(data) } })));
    },
    counts: () => queue.getJobCounts("waiting", "active", "delayed", "failed", "completed"),
    deadLetters: deadLettersOf(queue, disabled),
    stop: () => queue.close(),
  };
}

/** The job's id. No name contains a tilde, so different deliveries never share an id. BullMQ refuses colons. */
function jobId({ webhook, alert, mutedAt }: NotifyJob): string {
  const afterSilence = mutedAt === undefined ? "" : `~${mutedAt}`;
  return `${webhook}~${deliveryId(alert)}${afterSilence}`.replaceAll(":", "_");
}

function deadLettersOf(queue: Queue<NotifyJob>, disabled: DisabledWebhooks): DeadLetters {
  async function retry(job: Job<NotifyJob>): Promise<number> {
    await disabled.enable(job.data.webhook);
    // False when another process has just queued it again.
    return job.retry("failed", { resetAttemptsMade: true }).then(
      () => 1,
      async (error: unknown) => {
        if (await job.isFailed()) throw error;
        return 0;
      },
    );
  }

  return {
    async list(limit) {
      const jobs = await queue.getJobs(["failed"], 0, limit - 1);
      return jobs.filter(Boolean).map((job) => ({
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
      if (id !== undefined) {
        const job = await queue.getJob(id);
        return job !== undefined && (await job.isFailed()) ? retry(job) : 0;
      }
      const jobs = (await queue.getJobs(["failed"])).filter(Boolean);
      let redriven = 0;
      for (let from = 0; from < jobs.length; from += REDRIVE_AT_ONCE) {
        const put = await Promise.all(jobs.slice(from, from + REDRIVE_AT_ONCE).map(retry));
        redriven += put.reduce((sum, one) => sum + one, 0);
      }
      return redriven;
    },
  };
}
