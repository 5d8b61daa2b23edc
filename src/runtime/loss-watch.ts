/**
 * Notices that Redis lost what it had acknowledged: a flush, an empty server behind the same address, a failover that
 * dropped the newest writes. What was lost is logged once, at error level.
 */
import type { Logger } from "pino";
import { isoTime } from "../model/tick.ts";
import type { NetworkProgress, StoredProgress } from "../store/stored-progress.ts";
import { every, type Repeating } from "./every.ts";

export interface LossWatch extends Repeating {
  /** Newest decided tick of any network, data time ms; 0 before the first. */
  newestTick(): number;
}

export interface LossWatchDeps {
  readonly progress: () => Promise<StoredProgress>;
  readonly logger: Logger;
}

const EVERY_MS = 2_000;
/** Ids in one line of the log. */
const SHOWN_IDS = 20;

export function watchLosses(options: { readonly everyMs?: number }, { progress, logger }: LossWatchDeps): LossWatch {
  let last: StoredProgress | null = null;

  function reportState(before: NetworkProgress, now: NetworkProgress, openAlerts: readonly string[]): void {
    if (now.version >= before.version) return;
    const { network } = now;
    const through = isoTime(before.tick);
    const detail = {
      network,
      versionBefore: before.version,
      versionNow: now.version,
      decidedThrough: through,
      openAlerts,
    };
    const isRolledBack = now.version > 0 && now.tick < before.tick;
    if (isRolledBack) {
      logger.error(
        detail,
        `Redis lost commits of ${network} up to ${through}; they are derived again from stored rows`,
      );
    } else logger.error(detail, `Redis lost the state of ${network}: all that was learned through ${through}`);
  }

  const repeating = every(
    options.everyMs ?? EVERY_MS,
    async () => {
      const now = await progress();
      const before = last;
      last = now;
      if (before === null) return;
      const shown = before.openAlerts.slice(0, SHOWN_IDS);
      for (const network of now.networks) {
        const known = before.networks.find((each) => each.network === network.network);
        if (known !== undefined) reportState(known, network, shown);
      }
      if (now.epoch === before.epoch) return;
      const gone = before.openAlerts.filter((id) => !now.openAlerts.includes(id));
      logger.error(
        { epochBefore: before.epoch, epochNow: now.epoch, gone: gone.slice(0, SHOWN_IDS), goneCount: gone.length },
        "the alert log began a new epoch, because entries that were delivered are gone from Redis",
      );
    },
    { name: "watch for losses", logger },
  );
  return {
    newestTick: () => Math.max(0, ...(last?.networks ?? []).map(({ tick }) => tick)),
    stop: () => repeating.stop(),
  };
}
