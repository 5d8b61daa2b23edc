/** Which sources are due at a tick. It depends on the tick alone, so that every replica and every restart agree. */
import type { Source } from "../sources/contract.ts";

/** How often a source is asked, ms: its own interval, rounded up to whole ticks. */
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
