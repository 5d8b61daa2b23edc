/** A task that runs at intervals, never twice at once, until it is stopped. */
import type { Logger } from "pino";
import { stopWithin } from "./stop-within.ts";

const STOP_WAIT_MS = 1_000;

export interface Repeating {
  /**
   * Stops: no further run begins. Resolves when the one under way has ended, or after a short deadline, because Redis may be
   * away.
   */
  stop(): Promise<void>;
}

/**
 * Runs `task` now and then every `everyMs` of real time. A run that fails is logged (warn at the first failure of a
 * row, debug after it) and the next one comes in its turn; one that takes longer than the interval is not doubled.
 */
export function every(
  everyMs: number,
  task: () => Promise<void>,
  deps: { readonly name: string; readonly logger: Logger },
): Repeating {
  let running: Promise<void> | null = null;
  let failing = false;
  const run = (): void => {
    running ??= task()
      .then(() => {
        failing = false;
      })
      .catch((error: unknown) => {
        deps.logger[failing ? "debug" : "warn"]({ err: error, task: deps.name }, "a repeating task failed");
        failing = true;
      })
      .finally(() => {
        running = null;
      });
  };
  run();
  const timer = setInterval(run, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await stopWithin(async () => void (await running), STOP_WAIT_MS);
    },
  };
}
