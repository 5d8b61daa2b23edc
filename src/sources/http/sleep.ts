/** Waiting in data time, ended early by a signal. */
import type { Clocks } from "../../model/clock.ts";

/** Resolves true when the time has passed, false when the signal fired first. */
export type Sleep = (dataMs: number, signal: AbortSignal) => Promise<boolean>;

export function makeSleep(clocks: Clocks): Sleep {
  return (dataMs, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve(false);
      const onAbort = () => {
        clearTimeout(timer);
        resolve(false);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener("abort", onAbort);
        resolve(true);
      }, dataMs / clocks.speed);
      signal.addEventListener("abort", onAbort, { once: true });
    });
}
