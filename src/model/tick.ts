/** Ticks: data time cut into intervals that divide an hour. Tick T covers (T - interval, T]. */

/** The tick that a moment belongs to: the first multiple of the interval at or after it. All in milliseconds. */
export function tickOf(at: number, intervalMs: number): number {
  return Math.ceil(at / intervalMs) * intervalMs;
}

/** The last tick that is complete at `now`: the last multiple of the interval at or before it. */
export function lastTick(now: number, intervalMs: number): number {
  return Math.floor(now / intervalMs) * intervalMs;
}

/** `20220105T1050Z`: a moment in ids, to the minute, without the characters that job ids and file names refuse. */
export function compactTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replaceAll("-", "").replace(":", "")}Z`;
}

/** ISO 8601 UTC without milliseconds when they are zero, as alerts and samples carry it. */
export function isoTime(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}
