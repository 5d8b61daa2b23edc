/** The BullMQ worker that decides ticks. */
import { type ConnectionOptions, DelayedError, Worker } from "bullmq";
import type { Logger } from "pino";
import { HashfallError } from "../model/errors.ts";
import { isoTime } from "../model/tick.ts";
import { stopWithin } from "../runtime/stop-within.ts";
import { type DecideDeps, decide } from "./decide.ts";
import { DETECT_QUEUE, type DetectJob } from "./detect-queue.ts";

export interface DetectWorker {
  /** Real time of the last successful job, ms; null before the first. Workers have been seen dead after a reconnection. */
  lastCompletedAt(): number | null;
  /** Whether this worker is running a job. */
  busy(): boolean;
  /** Set when a newer configuration is in force: this worker takes no more jobs and has returned the one it had. */
  superseded(): boolean;
  /** Waits at most `graceMs` for the job under way, then releases it: the next worker finds the state as it was. */
  stop(graceMs?: number): Promise<void>;
}

export interface DetectWorkerOptions {
  readonly prefix: string;
  readonly networks: readonly string[];
  readonly configHash: string;
  readonly generation: number;
}

/**
 * A dead worker's job is taken over after about `lockDuration` + `stalledInterval`. The default of 30 s each would cost
 * a trader a minute; the core runs in a thread, so the lock is renewed even during a long decision.
 */
const LOCK_MS = 8_000;
const STALLED_CHECK_MS = 4_000;
/** Deadline for a forced close, ms; it needs nothing from Redis. */
const CLOSE_WITHIN_MS = 1_000;
/** Delay, ms, of a job that this process may not commit: another worker takes it. */
const HAND_OVER_MS = 100;

export function makeDetectWorker(
  options: DetectWorkerOptions,
  deps: DecideDeps & { connection: ConnectionOptions; logger: Logger },
): DetectWorker {
  let lastCompletedAt: number | null = null;
  let deciding = 0;
  let superseded = false;
  const turns = new Map<string, Promise<unknown>>();
  const worker = new Worker<DetectJob>(
    DETECT_QUEUE,
    async (job, token) => {
      const { network, tick, traceparent } = job.data;
      if (!options.networks.includes(network)) {
        // The job fails, so that a process whose configuration has the network takes it. The next tick repairs the delay.
        throw new HashfallError("JOB_NETWORK", `network "${network}" is not in this process's configuration`);
      }
      // Jobs of one network run one after the other: at the same time they would only conflict in the version check.
      const before = turns.get(network) ?? Promise.resolve();
      const turn = before
        .catch(() => undefined)
        .then(() =>
          decide(
            {
              ...{ network, throughTick: tick, traceparent },
              ...{ configHash: options.configHash, generation: options.generation },
            },
            deps,
          ),
        );
      turns.set(network, turn);
      deciding++;
      const decision = await turn.finally(() => {
        deciding--;
      });
      if (decision.outcome === "superseded") {
        if (!superseded) {
          deps.logger.warn({ network, tick: isoTime(tick) }, "a newer configuration is in force; this process waits");
        }
        superseded = true;
        // If it counted as done, the tick would stay undecided until the next one.
        await worker.pause(true);
        await job.moveToDelayed(Date.now() + HAND_OVER_MS, token);
        throw new DelayedError();
      }
    },
    {
      connection: deps.connection,
      prefix: options.prefix,
      concurrency: Math.max(1, options.networks.length),
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_CHECK_MS,
      maxStalledCount: 3,
    },
  );
  // The connection itself says once that Redis is away.
  worker.on("error", (error) => deps.logger.debug({ err: error }, "the detect worker's connection failed"));
  worker.on("completed", () => {
    lastCompletedAt = deps.real.now();
  });
  worker.on("failed", (job, error) => {
    const { network, tick } = job?.data ?? {};
    const at = tick === undefined ? undefined : isoTime(tick);
    deps.logger.error(
      { network, tick: at, err: error, job: job?.id, attempt: job?.attemptsMade },
      "a detect job failed",
    );
  });
  return {
    lastCompletedAt: () => lastCompletedAt,
    busy: () => deciding > 0,
    superseded: () => superseded,
    async stop(graceMs = 5_000) {
      // A polite close waits for Redis and cannot be made a forced one later, so the job is waited for by a pause; and
      // only a forced one ends the connections that look out for a failover.
      if (graceMs > 0) await stopWithin(() => worker.pause(), graceMs);
      await stopWithin(() => worker.close(true), CLOSE_WITHIN_MS);
    },
  };
}
