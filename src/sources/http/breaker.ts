/** A circuit breaker per host: a host that is down is not asked for longer and longer times, then tried with one request. */
import {
  type CircuitBreakerPolicy,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhenResult,
  isBrokenCircuitError,
  noJitterGenerator,
} from "cockatiel";
import type { HopResult } from "./transport.ts";

/** Failures in a row that open the breaker; with one retry in a tick that is the third failing tick. */
const FAILURES = 5;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 30 * 60_000;

export interface HostBreaker {
  /** Runs the request, or fails at once while the breaker is open. */
  run(send: () => Promise<HopResult>): Promise<HopResult>;
}

/** @param speed data seconds per real second: pauses are meant in data time */
export function makeBreaker(speed: number): HostBreaker {
  const policy: CircuitBreakerPolicy = circuitBreaker(
    handleWhenResult((result) => isHostTrouble(result as HopResult)),
    {
      breaker: new ConsecutiveBreaker(FAILURES),
      halfOpenAfter: new ExponentialBackoff({
        generator: noJitterGenerator,
        initialDelay: FIRST_PAUSE_MS / speed,
        maxDelay: LONGEST_PAUSE_MS / speed,
      }),
    },
  );
  return {
    async run(send) {
      try {
        return await policy.execute(send);
      } catch (error) {
        if (!isBrokenCircuitError(error)) throw error;
        const last = policy.lastFailure;
        const failed = last && "value" in last ? (last.value as HopResult) : null;
        const why = failed?.kind === "error" ? failed.detail : `HTTP ${failed?.status ?? "?"}`;
        const failureClass = failed?.kind === "error" ? failed.class : "http";
        return { kind: "error", class: failureClass, detail: `left alone after ${FAILURES} failures in a row: ${why}` };
      }
    },
  };
}

function isHostTrouble(result: HopResult): boolean {
  if (result.kind === "response") return result.status >= 500;
  return result.class !== "too-large" && result.class !== "format";
}
