/** Whether this process can do its work, kept up to date by a timer, so that `/readyz` answers from memory. */
import type { Logger } from "pino";
import type { ReadinessCheck } from "../deliver/contract.ts";
import { messageOf } from "../model/errors.ts";
import type { ServerReport } from "../store/check-server.ts";
import type { RedisClient } from "../store/connect.ts";
import type { ViewStore } from "../store/contract.ts";

export interface ReadinessState {
  checks(): readonly ReadinessCheck[];
  /** From now on not ready, whatever else holds: first step of stopping. */
  drain(): void;
  stop(): void;
}

export interface ReadinessOptions {
  readonly networks: () => readonly string[];
  readonly server: ServerReport;
  /** What is wrong without keeping anybody from work; asked anew at every look. */
  readonly warnings?: () => readonly string[];
  /** How often Redis is asked, ms. */
  readonly everyMs?: number;
}

/** A lost Redis must show within seconds; a ping costs nothing. */
const EVERY_MS = 2_000;

export function makeReadiness(
  options: ReadinessOptions,
  deps: { redis: RedisClient; views: ViewStore; logger: Logger },
): ReadinessState {
  let redis: ReadinessCheck = { name: "redis", ok: false, detail: "not asked yet" };
  const decided = new Set<string>();
  let draining = false;
  let looking = false;

  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      await deps.redis.ping();
      const warning = [...options.server.warnings, ...(options.warnings?.() ?? [])].join("; ");
      redis = { name: "redis", ok: true, ...(warning === "" ? {} : { detail: warning }) };
      for (const network of options.networks()) {
        if (!decided.has(network) && (await deps.views.current(network)) !== null) decided.add(network);
      }
    } catch (error) {
      redis = { name: "redis", ok: false, detail: `Redis does not answer: ${messageOf(error)}` };
    } finally {
      looking = false;
    }
  };
  void look();
  const timer = setInterval(() => void look(), options.everyMs ?? EVERY_MS);

  return {
    checks() {
      const ticks = options.networks().map((network): ReadinessCheck => {
        const name = `first tick of ${network}`;
        return decided.has(network) ? { name, ok: true } : { name, ok: false, detail: "no tick was decided yet" };
      });
      const serving: ReadinessCheck = draining
        ? { name: "serving", ok: false, detail: "shutting down" }
        : { name: "serving", ok: true };
      return [serving, redis, ...ticks];
    },
    drain() {
      draining = true;
    },
    stop() {
      clearInterval(timer);
    },
  };
}
