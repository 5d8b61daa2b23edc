/** Polls one network: node-cron starts every tick, and a timer of its own catches ticks that cron or a claimant missed. */
import { schedule } from "node-cron";
import type { Logger } from "pino";
import { lastTick } from "../model/tick.ts";
import type { Witness } from "../sources/witness/contract.ts";
import { deadlineMs } from "./ask-sources.ts";
import { makeCrossCheck } from "./cross-check.ts";
import { makeNewBlocks } from "./new-blocks.ts";
import { makePollTick, type PollTickDeps } from "./poll-tick.ts";
import { scheduleOf } from "./schedule.ts";
import { makeWitnessPoller } from "./witness-poller.ts";

export interface PollerOptions {
  readonly network: PollTickDeps["network"];
  /** Names this process in claims. */
  readonly holder: string;
}

export type PollerDeps = Omit<PollTickDeps, "network" | "holder" | "newBlocks" | "crossCheck" | "witnessPoller"> & {
  readonly logger: Logger;
  readonly witnesses?: readonly Witness[];
};

export interface Poller {
  /** Starts with the current tick, so that the first figures do not wait for an interval. */
  start(): void;
  /** Stops: no further tick begins. The one under way gets `graceMs`, then its requests are aborted and its rows stored. */
  stop(graceMs?: number): Promise<void>;
}

/** How often the current tick is checked besides cron, ms: a dead claimant's tick is taken over within its lease plus this. */
const WATCH_MS = 2_000;
const GRACE_MS = 3_000;

export function makePoller(options: PollerOptions, deps: PollerDeps): Poller {
  const { network } = options;
  const { clocks, logger, onEvent } = deps;
  const witnessPoller = makeWitnessPoller({ ...deps, network, witnesses: deps.witnesses ?? [] });
  const crossCheck = makeCrossCheck(network.model.blockIntervalSeconds);
  const pollTick = makePollTick({ ...deps, ...options, newBlocks: makeNewBlocks(), crossCheck, witnessPoller });
  const plan = scheduleOf(network.intervalMs, clocks);
  const cut = new AbortController();
  /** The newest tick that was polled, here or by another process. */
  let settled = 0;
  let overdueTold = 0;
  let running: { readonly tick: number; readonly done: Promise<void> } | null = null;
  let stopped = false;
  let late: NodeJS.Timeout | undefined;
  let watch: NodeJS.Timeout | undefined;

  const currentTick = (): number => lastTick(clocks.data.now(), network.intervalMs);

  async function attempt(tick: number): Promise<void> {
    try {
      if (await pollTick(tick, cut.signal)) settled = Math.max(settled, tick);
      else if (await deps.claims.isDone(network.name, tick)) settled = Math.max(settled, tick);
    } catch (error) {
      onEvent({ type: "failed", network: network.name, tick, error });
    }
  }

  function look(fromCron: boolean): void {
    const tick = currentTick();
    if (stopped || tick <= settled) return;
    if (running !== null) {
      // The timer may have started the same tick a moment before cron: that is no overlap.
      if (fromCron && running.tick !== tick) onEvent({ type: "overlap", network: network.name, tick });
      return;
    }
    const before = tick - network.intervalMs;
    const done = (settled > 0 && settled < before ? tellMissed(before) : Promise.resolve())
      .then(() => attempt(tick))
      .finally(() => {
        running = null;
      });
    running = { tick, done };
  }

  /** Ticks up to `until` that no process polled. Other replicas may have polled them, so the store is asked. */
  async function tellMissed(until: number): Promise<void> {
    const from = Math.max(settled + network.intervalMs, until - 100 * network.intervalMs);
    for (let tick = from; tick <= until; tick += network.intervalMs) {
      const done = await deps.claims.isDone(network.name, tick).catch(() => true);
      if (!done) onEvent({ type: "missed", network: network.name, tick });
    }
    settled = Math.max(settled, until);
  }

  function tellOverdue(): void {
    const tick = currentTick();
    const allowed = deadlineMs(network.intervalMs, clocks) * clocks.speed;
    const byMs = clocks.data.now() - tick - allowed;
    if (tick <= settled || byMs <= 0 || overdueTold === tick) return;
    overdueTold = tick;
    onEvent({ type: "overdue", network: network.name, tick, byMs });
  }

  const task = schedule(
    plan.cron,
    () => {
      const delay = plan.delayMs();
      if (delay === 0) look(true);
      else late = setTimeout(() => look(true), delay);
    },
    {
      timezone: "UTC",
      name: `poll-${network.name}`,
      noOverlap: true,
      // A missed run is caught by the timer; cron's own warning would only repeat it.
      suppressMissedWarning: true,
      logger: {
        info: (message) => logger.debug({ cron: message }, "node-cron"),
        warn: (message) => logger.warn({ cron: message }, "node-cron"),
        error: (message, error) => logger.error({ cron: String(message), err: error }, "node-cron"),
        debug: (message) => logger.trace({ cron: String(message) }, "node-cron"),
      },
    },
  );
  void task.stop();

  return {
    start() {
      void task.start();
      watch = setInterval(() => {
        look(false);
        tellOverdue();
      }, WATCH_MS);
      look(false);
    },
    async stop(graceMs = GRACE_MS) {
      stopped = true;
      clearInterval(watch);
      clearTimeout(late);
      await task.destroy();
      const cutting = setTimeout(() => cut.abort(), graceMs);
      await running?.done;
      clearTimeout(cutting);
      await witnessPoller.stop();
    },
  };
}
