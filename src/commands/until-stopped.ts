/** Waits for the signal to stop; a second one, or the deadline, forces the end. */
import type { Logger } from "pino";
import { STOP_WITHIN_MS, stopWithin } from "../runtime/stop-within.ts";

const FORCED = 75;

/** Stops the service; when that takes too long (Redis away, a socket that does not close) the process ends without it. */
export async function stopInTime(app: { stop(): Promise<void> }, logger: Logger): Promise<void> {
  if (await stopWithin(() => app.stop())) return;
  logger.error(
    { ms: STOP_WITHIN_MS },
    "stopping took too long; the process ends, and the next one finds its state in Redis",
  );
  process.exit(FORCED);
}

/** Resolves at the first SIGINT or SIGTERM. From then on another one ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const first = (signal: NodeJS.Signals): void => {
      process.off("SIGINT", first).off("SIGTERM", first);
      const force = (again: NodeJS.Signals): void => process.exit(again === "SIGINT" ? 130 : 143);
      process.on("SIGINT", force).on("SIGTERM", force);
      resolve(signal);
    };
    process.on("SIGINT", first).on("SIGTERM", first);
  });
}
