/**
 * Two clocks run side by side. DATA time is what ticks, upstream times, the detector and ages are measured in; a demo
 * runs it faster than life. REAL time is what leases, heartbeats, locks and latencies are measured in.
 */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  now(): number;
}

export interface Clocks {
  readonly data: Clock;
  readonly real: Clock;
  /** Data seconds per real second; 1 outside a demo. */
  readonly speed: number;
  /** Whether data time stands still until the newest tick is decided, as in a demo: then nothing has to be hurried. */
  readonly waits?: boolean;
}

/** Data time equals real time: every run but a demo. */
export function systemClocks(): Clocks {
  const real: Clock = { now: () => Date.now() };
  return { data: real, real, speed: 1 };
}

/**
 * Data time that stood at `dataStart` when real time stood at `realStart` and runs `speed` times as fast.
 * A demo that is restarted passes the same two starts and goes on in the same story.
 */
export function scaledClocks(options: { realStart: number; dataStart: number; speed: number }): Clocks {
  const real: Clock = { now: () => Date.now() };
  const data: Clock = { now: () => options.dataStart + (Date.now() - options.realStart) * options.speed };
  return { data, real, speed: options.speed };
}
