/**
 * Keeps a detect worker at work: one that ends no job while jobs wait is ended and started anew (workers have been seen
 * dead after a reconnect), and one that waits because another configuration was in force goes on when its own is again.
 */
import type { Logger } from "pino";
import { messageOf } from "../model/errors.ts";
import { stopWithin } from "../runtime/stop-within.ts";
import type { DetectWorker } from "./detect-worker.ts";

export interface WorkerKeeperOptions {
  /** A worker with nothing to do while jobs wait this long is dead: jobs are taken within milliseconds. */
  readonly idleMs?: number;
  readonly everyMs?: number;
  /** Of the worker, for logs; "detect" if absent. */
  readonly name?: string;
}

export interface WorkerKeeperDeps {
  /** A new worker on a connection of its own; `generation` is the one it may commit under. */
  readonly start: (generation: number) => DetectWorker;
  /** Jobs that nobody has taken. */
  readonly waiting: () => Promise<number>;
  /** The generation in force when it is of this process's configuration, else null. */
  readonly ownGeneration: () => Promise<number | null>;
  readonly logger: Logger;
}

export interface WorkerKeeper {
  /** How often a dead worker was started anew. */
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
    // Without grace: what it may still hold, another takes over, and a commit by both is refused to one of them.
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
        // While Redis is away nobody can say what waits, and no worker is to blame.
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
      // A look that waits for a Redis that is away ends by itself.
      await Promise.all([worker.stop(), stopWithin(async () => void (await checking), CHECK_WITHIN_MS)]);
    },
  };
}
