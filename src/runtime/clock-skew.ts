/** Compares this machine's clock with the clock of Redis, which all processes share. */
import type { Logger } from "pino";
import type { Clock } from "../model/clock.ts";
import { every, type Repeating } from "./every.ts";

export interface ClockSkew extends Repeating {
  /** One line for a person while the clocks are apart; null while they agree, or nobody could tell. */
  warning(): string | null;
}

/** Above this a pool's own times look stale or from the future, and ticks fall on another minute than elsewhere. */
export const SKEW_LIMIT_MS = 60_000;
const EVERY_MS = 10_000;

export interface ClockSkewDeps {
  /** Redis's answer to TIME: seconds and microseconds. */
  readonly time: () => Promise<readonly (number | string)[]>;
  readonly real: Clock;
  /** Time of the ticks; with `newestTick` it shows a clock that was set back, also where Redis runs on the same machine. */
  readonly data?: Clock;
  /** Newest decided tick, data time ms; 0 when none. */
  readonly newestTick?: () => number;
  readonly logger: Logger;
}

/** A skew is logged when it begins and when it ends. */
export function watchClockSkew(options: { readonly everyMs?: number }, deps: ClockSkewDeps): ClockSkew {
  let warning: string | null = null;
  const repeating = every(
    options.everyMs ?? EVERY_MS,
    async () => {
      const before = deps.real.now();
      const [seconds, microseconds] = await deps.time();
      // The server answered somewhere between: the middle is off by half of the round trip at most.
      const middle = (before + deps.real.now()) / 2;
      const aheadMs = Math.round(middle - (Number(seconds) * 1000 + Number(microseconds) / 1000));
      const wasApart = warning !== null;
      const behindTickMs = (deps.newestTick?.() ?? 0) - (deps.data ?? deps.real).now();
      if (behindTickMs > SKEW_LIMIT_MS) {
        warning = `this machine's clock is ${Math.round(behindTickMs / 1000)} s behind the newest decided tick`;
        if (!wasApart) deps.logger.error({ behindTickMs }, `${warning}: nothing is decided until it has caught up`);
        return;
      }
      if (Math.abs(aheadMs) <= SKEW_LIMIT_MS) {
        warning = null;
        if (wasApart) deps.logger.info({ aheadMs }, "this machine's clock agrees with Redis again");
        return;
      }
      const how = aheadMs > 0 ? "ahead of" : "behind";
      warning = `this machine's clock is ${Math.round(Math.abs(aheadMs) / 1000)} s ${how} the clock of Redis`;
      if (!wasApart) deps.logger.warn({ aheadMs }, `${warning}: ticks and ages will be wrong; set one of them right`);
    },
    { name: "clock skew", logger: deps.logger },
  );
  return { warning: () => warning, stop: () => repeating.stop() };
}
