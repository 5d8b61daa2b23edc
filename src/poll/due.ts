/** Which sources a tick asks. Derived from the tick alone, so that every replica and every restart agree. */
import type { Source } from "../sources/contract.ts";

/** Every how many milliseconds a source is asked: its own interval, rounded up to whole ticks. */
export function askingPeriodMs(minIntervalMs: number, intervalMs: number): number {
  return Math.max(1, Math.ceil(minIntervalMs / intervalMs)) * intervalMs;
}

/** The sources that are due at a tick: those whose period divides it. */
export function dueSources<S extends Pick<Source, "minIntervalMs">>(
  sources: readonly S[],
  tick: number,
  intervalMs: number,
): S[] {
  return sources.filter((source) => tick % askingPeriodMs(source.minIntervalMs, intervalMs) === 0);
}
