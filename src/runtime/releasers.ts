/** Closers of timers, sockets and children: the code that starts one adds its closer here. */
import type { Logger } from "pino";

export interface Releasers {
  /** Closers run in the reverse order of their addition. */
  add(name: string, close: () => Promise<void> | void): void;
  /** Runs every closer once, one after the other; a failing one is logged and the others still run. */
  release(): Promise<void>;
}

export function makeReleasers(deps: { logger: Logger }): Releasers {
  const closers: { name: string; close: () => Promise<void> | void }[] = [];
  return {
    add(name, close) {
      closers.push({ name, close });
    },
    async release() {
      for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) {
        const began = performance.now();
        try {
          await closer.close();
        } catch (error) {
          deps.logger.error({ err: error, part: closer.name }, "a part did not close cleanly");
        }
        deps.logger.debug({ part: closer.name, ms: Math.round(performance.now() - began) }, "closed");
      }
    },
  };
}
