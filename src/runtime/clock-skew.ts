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
const EVERY_MS = 60_000;

/** `time` is Redis's answer to TIME: seconds and microseconds. A skew is logged when it begins and when it ends. */
export function watchClockSkew(
  options: { readonly everyMs?: number },
  deps: { readonly time: () => Promise<readonly (number | string)[]>; readonly real: Clock; readonly logger: Logger },
): ClockSkew {
  let warning: string | null = null;
  const repeating = every(
    options.everyMs ?? EVERY_MS,
    async () => {
      const before = deps.real.now();
      const [seconds, microseconds] = await deps.time();
      // The server answered somewhere between: the middle is off by half of the round trip at most.
      const middle = (before + deps.real.now()) / 2;
      const aheadMs = Math.round(middle - (Number(seconds) * 1000 + Number(microseconds) / 1000));
      const told = warning !== null;
      if (Math.abs(aheadMs) <= SKEW_LIMIT_MS) {
        warning = null;
        if (told) deps.logger.info({ aheadMs }, "this machine's clock agrees with Redis again");
        return;
      }
      const how = aheadMs > 0 ? "ahead of" : "behind";
      warning = `this machine's clock is ${Math.round(Math.abs(aheadMs) / 1000)} s ${how} the clock of Redis`;
      if (!told) deps.logger.warn({ aheadMs }, `${warning}: ticks and ages will be wrong; set one of them right`);
    },
    { name: "clock skew", logger: deps.logger },
  );
  return { warning: () => warning, stop: () => repeating.stop() };
}
