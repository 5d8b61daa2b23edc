/**
 * Keeps a detect worker running. A worker that finishes no job while jobs wait is replaced (workers have been seen dead after a
 * reconnection). A worker that waits because of another configuration continues when its own is in force again.
 */
import type { Logger } from "pino";
import { messageOf } from "../model/errors.ts";
import { stopWithin } from "../runtime/stop-within.ts";
import type { DetectWorker } from "./detect-worker.ts";

export interface WorkerKeeperOptions {
  /** A worker that takes no job while jobs wait for this long is dead, ms: jobs are taken within milliseconds. */
  readonly idleMs?: number;
  readonly everyMs?: number;
  /** Of the worker, for logs; "detect" if absent. */
  readonly name?: string;
}

export interface WorkerKeeperDeps {
  /** A new worker on a connection of its own; `generation` is the one it may commit under. */
  readonly start: (generation: number) => DetectWorker;
  /** Number of waiting jobs. */
  readonly waiting: () => Promise<number>;
  /** The generation in force when it is of this process's configuration, else null. */
  readonly ownGeneration: () => Promise<number | null>;
  readonly logger: Logger;
}

export interface WorkerKeeper {
  /** How often a dead worker was replaced. */
  restarts(): number;
  stop(): Promise<void>;
}

const IDLE_MS = 30_000;
const EVERY_MS = 5_000;
const CHECK_WITHIN_MS = 1_000;

/** Starts the first worker. Times are real time of this process. */
export function keepWorker(generation: number, options: WorkerKeeperOptions, deps: WorkerKeeperDeps): WorkerKeeper {
  const { idleMs = IDLE_MS, everyMs = EVERY_MS, name = "detect" } = options;
  const { logger } = deps;
  let worker = deps.start(generation);
  let inForce = generation;
  let idleSince: number | null = null;
  let restarts = 0;
  let stopped = false;
  let checking: Promise<void> | null = null;

  async function restart(next: number): Promise<void> {
    const old = worker;
    // Without grace: another worker takes over its job, and if both commit, one is refused.
    await old.stop(0);
    if (stopped) return;
    inForce = next;
    worker = deps.start(next);
    idleSince = null;
  }

  async function check(): Promise<void> {
    if (worker.superseded()) {
      const own = await deps.ownGeneration();
      if (own === null || stopped) return;
      logger.info({ generation: own }, "this process's configuration is in force again; it goes on");
      return restart(own);
    }
    if (worker.busy() || (await deps.waiting()) === 0) {
      idleSince = null;
      return;
    }
    const now = performance.now();
    idleSince ??= now;
    const idleFor = now - idleSince;
    if (idleFor < idleMs || worker.busy() || stopped) return;
    const seconds = Math.round(idleFor / 1000);
    logger.error(
      { seconds, lastCompletedAt: worker.lastCompletedAt() },
      `the ${name} worker is dead; starting it anew`,
    );
    restarts++;
    await restart(inForce);
  }

  const timer = setInterval(() => {
    checking ??= check()
      .catch((error: unknown) => {
        // While Redis is away the number of waiting jobs is unknown, and the worker is not at fault.
        idleSince = null;
        logger.debug({ why: messageOf(error) }, `the ${name} worker could not be looked after`);
      })
      .finally(() => {
        checking = null;
      });
  }, everyMs);

  return {
    restarts: () => restarts,
    async stop() {
      stopped = true;
      clearInterval(timer);
      // A check that waits for a Redis that is away ends by itself.
      await Promise.all([worker.stop(), stopWithin(async () => void (await checking), CHECK_WITHIN_MS)]);
    },
  };
}
