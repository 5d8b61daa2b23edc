/** Pool figures from shares of blocks: one pool's share of a day's blocks times the network's hash rate. */

import type { SourceConfig } from "../config/resolve/resolved.ts";
import { DAY_SECONDS } from "../model/time-units.ts";
import type { RateObservation } from "./contract.ts";
import { SourceFailure } from "./failure.ts";
import { rateRow } from "./rows.ts";

export interface BlockShare {
  /** The configured pool id; null for a pool that is not configured. */
  readonly pool: string | null;
  readonly name: string;
  readonly blocks: number | null;
}

/** The network's hash rate, H/s; an upstream that cannot compute it says null or 0. Throws SourceFailure `semantic` then. */
export function knownNetwork(network: number | null): number {
  if (network === null || network === 0)
    throw new SourceFailure("semantic", "it does not know the network's hash rate");
  return network;
}

/**
 * @param network H/s
 * @throws SourceFailure `semantic` when no block was counted at all, or a count is no count
 */
export function shareRows(
  config: SourceConfig,
  shares: readonly BlockShare[],
  network: number,
  staleAfterMs: number,
  windowSeconds = DAY_SECONDS,
): { rows: RateObservation[]; skipped?: Record<string, number> } {
  let total = 0;
  for (const { name, blocks } of shares) {
    if (blocks === null || blocks < 0 || !Number.isInteger(blocks)) {
      throw new SourceFailure("semantic", `${name} has ${blocks} blocks`);
    }
    total += blocks;
  }
  if (total === 0) throw new SourceFailure("semantic", "no block was counted");
  const byPool = new Map<string, number>();
  let foreign = 0;
  for (const { pool, blocks } of shares) {
    if (pool === null) foreign++;
    else byPool.set(pool, (byPool.get(pool) ?? 0) + (blocks ?? 0));
  }
  const rows = [...byPool].map(([pool, blocks]) =>
    rateRow(config, {
      pool,
      region: null,
      hashrate: (blocks / total) * network,
      window: { kind: "block-share", seconds: windowSeconds },
      staleAfterMs,
      raw: { text: `${blocks}/${total}`, unit: "blocks" },
      basis: "block-derived",
    }),
  );
  return { rows, ...(foreign > 0 ? { skipped: { "unknown pool": foreign } } : {}) };
}
