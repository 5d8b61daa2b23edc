/** Pools that publish a total and regional figures: the total is the sum of the regional rows and a rest. */

import { parentRegion } from "../../model/region.ts";
import type { DetectorPool, RegionWeight } from "../contract.ts";
import { itemAt } from "./elements.ts";
import { REST, type Row } from "./score-model.ts";

/** Regional rows with at least this part of their pool replace the total while the rest is unknown. */
const MOSTLY = 0.5;

/** Indices of the rows of such a pool. */
export interface PoolRest {
  readonly pool: string;
  readonly total: number;
  readonly rest: number;
  readonly regional: readonly number[];
}

/** Indices of the rows of every pool with a total and regional figures. */
export function restsOf(rows: readonly Row[]): PoolRest[] {
  const placeOf = (pool: string, region: string | null): number =>
    rows.findIndex((row) => row.pool === pool && row.region === region);
  return rows.flatMap(({ pool, region }, rest) => {
    if (region !== REST) return [];
    const regional = rows.flatMap((row, index) =>
      row.pool === pool && row.region !== null && row.region !== REST ? [index] : [],
    );
    return [{ pool, total: placeOf(pool, null), rest, regional }];
  });
}

/**
 * Rows that enter the score. A total is the sum of its regional rows and the rest: these enter instead of it where the rest is
 * known, and the regional rows alone where they are most of the pool.
 */
export function countedOf(rows: readonly Row[], parts: readonly number[]): Uint8Array {
  const covered = new Map<string, number>();
  const whole = new Set<string>();
  rows.forEach(({ pool, region }, index) => {
    if (region === REST && itemAt(parts, index) > 0) whole.add(pool);
    else if (region !== null && region !== REST) covered.set(pool, (covered.get(pool) ?? 0) + (parts[index] ?? 0));
  });
  return Uint8Array.from(rows, ({ pool, region }) => {
    if (region === REST) return whole.has(pool) ? 1 : 0;
    return region === null && (whole.has(pool) || (covered.get(pool) ?? 0) >= MOSTLY) ? 0 : 1;
  });
}

/** Share of each region in the rest of a pool. */
export function restWeights(
  pool: DetectorPool,
  rows: readonly Row[],
  parts: readonly number[],
): Map<string, RegionWeight> {
  const taken = new Map<string, number>();
  let left = 1;
  const configured = new Set(pool.regions.map(({ region }) => region));
  rows.forEach((row, index) => {
    const part = parts[index] ?? 0;
    if (row.pool !== pool.id || row.region === null || row.region === REST || part === 0) return;
    left -= part;
    const region = configured.has(row.region) ? row.region : (parentRegion(row.region) ?? row.region);
    taken.set(region, (taken.get(region) ?? 0) + part);
  });
  const found = new Map<string, RegionWeight>();
  for (const { region, weight, sd } of pool.regions) {
    const remains = weight - (taken.get(region) ?? 0);
    if (remains <= 0 || left <= 0) continue;
    found.set(region, { region, weight: Math.min(1, remains / left), sd: Math.min(1, sd / left) });
  }
  return found;
}
