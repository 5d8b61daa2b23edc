/** A running part that is replaced by one made from other options, and that goes back to the old ones when the new do not start. */
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";

export interface Running {
  /** Ends it; whatever it had begun is finished or given back. */
  release(): Promise<void>;
}

export interface Replaceable<O> {
  /** The options in force: those that run, or that run again as soon as they can. */
  current(): O;
  /**
   * Ends the running part and starts another. Calls are taken one after the other. Rejects with the reason when the new
   * part does not start; the old options then stay in force and are started again, now or as soon as they can.
   */
  replace(next: O): Promise<void>;
  stop(): Promise<void>;
}

const RETRY_MS = 2_000;
const NOTHING: Running = { release: async () => undefined };

/** Starts the first part; rejects when that fails. `start` leaves nothing behind when it rejects. */
export async function makeReplaceable<O>(
  options: { readonly first: O; readonly start: (options: O) => Promise<Running>; readonly retryMs?: number },
  deps: { readonly name: string; readonly logger: Logger },
): Promise<Replaceable<O>> {
  const { start, retryMs = RETRY_MS } = options;
  const stopping = new AbortController();
  let current = options.first;
  let running = await start(current);
  let turns: Promise<unknown> = Promise.resolve();
  let reviving: { readonly cancel: AbortController; readonly done: Promise<void> } | null = null;

  /** Tries the old options until they run: what stopped the new ones (a store that is away) may stop these too. */
  async function revive(signal: AbortSignal): Promise<void> {
    for (let told = false; !signal.aborted; told = true) {
      try {
        running = await start(current);
        deps.logger.info({ part: deps.name }, "runs again under the old configuration");
        return;
      } catch (error) {
        deps.logger[told ? "debug" : "error"]({ err: error, part: deps.name }, "does not start again yet; trying on");
        await delay(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async function endReviving(): Promise<void> {
    reviving?.cancel.abort();
    await reviving?.done;
    reviving = null;
  }

  async function replaceNow(next: O): Promise<void> {
    if (stopping.signal.aborted) return;
    await endReviving();
    const old = running;
    running = NOTHING;
    await old.release();
    try {
      running = await start(next);
      current = next;
    } catch (error) {
      const cancel = new AbortController();
      reviving = { cancel, done: revive(cancel.signal) };
      throw error;
    }
  }

  return {
    current: () => current,
    replace(next) {
      const turn = turns.then(() => replaceNow(next));
      turns = turn.catch(() => undefined);
      return turn;
    },
    async stop() {
      stopping.abort();
      reviving?.cancel.abort();
      await turns;
      await endReviving();
      await running.release();
    },
  };
}
