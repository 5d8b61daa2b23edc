/** The queue between polling and detection. Losing a job costs one tick's latency, running it twice costs nothing. */
import { type ConnectionOptions, Queue } from "bullmq";
import type { Logger } from "pino";
import { stopWithin } from "../runtime/stop-within.ts";

export const DETECT_QUEUE = "detect";

export interface DetectJob {
  readonly network: string;
  /** Data time, ms. */
  readonly tick: number;
  /** Trace of the tick; absent while tracing is off. */
  readonly traceparent?: string;
}

export interface DetectQueue {
  /** Queues a decision; the same (network, tick) is queued once. Rejects quickly when Redis is away. */
  enqueue(network: string, tick: number, traceparent?: string): Promise<void>;
  /** Number of jobs by state, for gauges. */
  counts(): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

export interface DetectQueueOptions {
  /** BullMQ's key prefix, with the hash tag of all keys. */
  readonly prefix: string;
  /** Real length of the shortest tick interval: finished jobs are kept for some of them, so that a tick is not run again. */
  readonly tickMs: number;
}

/** How many intervals a finished job is kept, so that a late producer of the same tick finds it done. */
const KEPT_INTERVALS = 6;
/** Deadline for closing, ms: closing needs nothing from Redis and must not wait while it is away. */
const CLOSE_WITHIN_MS = 1_000;
/** How long a failed job is kept for people to look at, seconds. */
const KEPT_FAILED_SECONDS = 24 * 3600;

export function makeDetectQueue(
  options: DetectQueueOptions,
  deps: { connection: ConnectionOptions; logger: Logger },
): DetectQueue {
  const queue = new Queue<DetectJob>(DETECT_QUEUE, {
    connection: deps.connection,
    prefix: options.prefix,
    defaultJobOptions: {
      // Quick retries, so that one failed commit does not delay an alert by a whole interval. The next tick repairs the rest.
      attempts: 4,
      backoff: { type: "exponential", delay: 250, jitter: 0.3 },
      removeOnComplete: { age: Math.max(60, Math.ceil((KEPT_INTERVALS * options.tickMs) / 1000)), count: 1000 },
      removeOnFail: { age: KEPT_FAILED_SECONDS, count: 1000 },
    },
  });
  // The connection itself logs once that Redis is away.
  queue.on("error", (error) => deps.logger.debug({ err: error }, "the detect queue's connection failed"));
  return {
    async enqueue(network, tick, traceparent) {
      // A colon would be refused in a job id. Seconds, because a tick may be shorter than a minute.
      const data = { network, tick, ...(traceparent === undefined ? {} : { traceparent }) };
      await queue.add("decide", data, { jobId: `${network}-${tick / 1000}` });
    },
    counts: () => queue.getJobCounts("waiting", "active", "delayed", "failed", "completed"),
    async stop() {
      await stopWithin(() => queue.close(), CLOSE_WITHIN_MS);
    },
  };
}
