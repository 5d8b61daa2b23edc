/** Whether this process can do its work, kept up to date by a timer, so that `/readyz` answers from memory. */
import type { Logger } from "pino";
import { messageOf } from "../model/errors.ts";
import type { ReadinessCheck } from "../model/readiness.ts";
import type { ServerReport } from "../store/check-server.ts";
import type { ViewStore } from "../store/contract.ts";
import { foreignError } from "./foreign-error.ts";

export interface ReadinessState {
  checks(): readonly ReadinessCheck[];
  /** Makes the process not ready for good: the first step of stopping. */
  drain(): void;
  stop(): void;
}

export interface ReadinessOptions {
  readonly networks: () => readonly string[];
  readonly server: ServerReport;
  /** Further reasons why the process cannot work, like a data folder that is gone. Called at every check. */
  readonly faults?: () => readonly string[];
  /** Warnings that do not prevent work. Called at every check. */
  readonly warnings?: () => readonly string[];
  /** How often Redis is asked, ms. */
  readonly everyMs?: number;
}

/** A lost Redis must show within seconds; one small write costs nothing. */
const EVERY_MS = 2_000;
const NOT_ASKED = "not asked yet";

export function makeReadiness(
  options: ReadinessOptions,
  deps: {
    /** Why Redis takes no writes, or null when it does; rejects when it does not answer. */
    writeRefusal: () => Promise<string | null>;
    views: Pick<ViewStore, "current">;
    logger: Logger;
  },
): ReadinessState {
  let redis: ReadinessCheck = { name: "redis", ok: false, detail: NOT_ASKED };
  const decided = new Set<string>();
  let draining = false;
  let looking = false;

  /** Logs a change once, so that a log alone tells when writing stopped and why. */
  const become = (next: ReadinessCheck): void => {
    const asked = redis.detail !== NOT_ASKED;
    if (redis.ok && !next.ok) deps.logger.error({ why: next.detail }, "not ready: nothing can be stored");
    if (asked && !redis.ok && next.ok) deps.logger.info("ready again: Redis takes writes");
    redis = next;
  };

  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const refusal = await deps.writeRefusal();
      const faults = [refusal ?? [], options.faults?.() ?? []].flat();
      const warning = [...options.server.warnings, ...(options.warnings?.() ?? [])].join("; ");
      become(
        faults.length > 0
          ? { name: "redis", ok: false, detail: faults.join("; ") }
          : { name: "redis", ok: true, ...(warning === "" ? {} : { detail: warning }) },
      );
      for (const network of options.networks()) {
        if (!decided.has(network) && (await deps.views.current(network)) !== null) decided.add(network);
      }
    } catch (error) {
      become({ name: "redis", ok: false, detail: `Redis does not answer: ${messageOf(foreignError(error) ?? error)}` });
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
