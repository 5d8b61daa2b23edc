/** Which pools are listed, and in which order. */
import type { z } from "zod";
import type * as schemas from "../deliver/http/schemas.ts";

type PoolItem = z.infer<typeof schemas.PoolItem>;

/** Undefined figures come last whichever way is sorted. */
type SortKey = (pool: PoolItem) => string | number | undefined;

const KEYS: Readonly<Record<string, SortKey>> = {
  pool: ({ pool }) => pool,
  now: ({ hashrate }) => hashrate,
  expected: ({ expected, hashrate }) => expected ?? hashrate,
  change: ({ hashrate, expected }) => (hashrate === undefined || !expected ? undefined : hashrate / expected),
  figure: ({ sampledAt }) => (sampledAt === undefined ? undefined : Date.parse(sampledAt)),
};
/** Where the first click sorts upwards: names from A, falls from the deepest, figures from the oldest. */
export const UPWARDS_FIRST = new Set(["pool", "change", "figure"]);

export interface Order {
  readonly key: string;
  readonly up: boolean;
}

/** Pools whose name has the text, in order. */
export function arranged(pools: readonly PoolItem[], search: string, { key, up }: Order): PoolItem[] {
  const sortKey = KEYS[key] ?? KEYS.expected!;
  const wanted = search.trim().toLowerCase();
  return pools
    .filter(({ pool }) => pool.toLowerCase().includes(wanted))
    .map((pool) => ({ pool, value: sortKey(pool) }))
    .sort((a, b) => compared(a.value, b.value, up) || a.pool.pool.localeCompare(b.pool.pool))
    .map(({ pool }) => pool);
}

function compared(a: string | number | undefined, b: string | number | undefined, up: boolean): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  const sign = up ? 1 : -1;
  return typeof a === "string" || typeof b === "string" ? sign * String(a).localeCompare(String(b)) : sign * (a - b);
}
