/**
 * The model prepared for ticks: rows, weights by region, filter banks. Pools are sorted by name, so that their order in a
 * configuration has no effect.
 */
import { OTHER_REGION } from "../model/region.ts";
import { createBlockEvidence } from "./blocks/block-evidence.ts";
import type { BlockEvidence } from "./blocks/contract.ts";
import type { DetectorModel, DetectorPool } from "./contract.ts";
import type { BankEntry } from "./filter/bank.ts";
import { prepareTables } from "./hypotheses/row-tables.ts";
import { unlistedWeight } from "./hypotheses/unlisted-region.ts";
import { countedOf, type PoolRest, restsOf, restWeights } from "./model/pool-rest.ts";
import { REST, type RegionRows, type Row, type ScoreModel } from "./model/score-model.ts";
import { fastScale, SLOW_FILTER_SECONDS, slowScale } from "./model/time-scales.ts";
import { type DetectorSettings, settingsOf } from "./settings.ts";
import { makeScale, type Scale } from "./statistics/accumulate.ts";
import type { Belief } from "./weights/belief.ts";

/** Weights below this part of a pool have no visible effect and are left out. */
const NEGLIGIBLE = 0.002;
/** Relative error of weights that several pools share to the last digit: they were not measured pool by pool. */
const SHARED_WEIGHT_SD = 0.5;
/** Weight of a region in its own figure: all of it, except for a few miners behind tunnels. */
const REGIONAL_ROW_SD = 0.1;

/** Regions whose fall was accepted as the new normal: region -> remaining part of its configured weights, 0..1. */
export type Regimes = Readonly<Record<string, number>>;

export interface Compiled {
  readonly model: DetectorModel;
  readonly settings: DetectorSettings;
  readonly intervalMs: number;
  readonly pools: readonly DetectorPool[];
  readonly regions: readonly string[];
  /** Absent where the network's block interval is not configured. */
  readonly blocks: BlockEvidence | null;
  readonly fast: Scale;
  readonly slow: Scale;
  /** `known`: what was learned about the rows beyond the configuration. */
  layout(rows: readonly Row[], known?: RowsKnown): Layout;
}

/** What was learned about rows beyond the configuration. */
export interface RowsKnown {
  readonly regimes?: Regimes;
  /** Learned averaging window per row, seconds; 0 where none is. */
  readonly windows?: readonly number[];
  /** Share of its pool's total per regional row and rest, 0..1; 0 where it does not enter. */
  readonly parts?: readonly number[];
  /** Weights that hold now. Absent: the configured ones. */
  readonly weights?: WeightsNow;
}

/** The weights that hold at a moment: the configured ones, aged, and corrected by what falls have taught. */
export interface WeightsNow {
  readonly pools: readonly DetectorPool[];
  /** Regions whose weights were learned, and the covariance of their errors. */
  readonly beliefs: ReadonlyMap<string, Belief>;
}

const NO_BELIEFS: WeightsNow["beliefs"] = new Map();

/** What depends on the set of rows. Regional rows can appear while running. */
export interface Layout {
  readonly rows: readonly Row[];
  /** Row key -> index. */
  readonly index: ReadonlyMap<string, number>;
  readonly score: ScoreModel;
  readonly rests: readonly PoolRest[];
  readonly fastBanks: readonly (readonly BankEntry[])[];
  readonly slowBanks: readonly (readonly BankEntry[])[];
  /** Evidence of blocks under the weights that hold now; null where the network's block interval is not configured. */
  readonly blocks: BlockEvidence | null;
}

/**
 * Averaging windows of rows, seconds: the learned one, else the configured one. A regional figure comes from another page than the
 * pool's total, so the configured window does not apply to it. The rest of a total has the total's window.
 *
 * @param learned per row, seconds; 0 where none was learned
 */
export function windowsOf(
  pools: readonly DetectorPool[],
  rows: readonly Row[],
  learned: readonly number[] = [],
): (number | undefined)[] {
  const byId = new Map(pools.map((pool) => [pool.id, pool.windowSeconds]));
  return rows.map(
    (row, k) => learned[k] || (row.region === null || row.region === REST ? byId.get(row.pool) : undefined),
  );
}

export function rowKey(row: Row): string {
  return row.region === null ? row.pool : `${row.pool} ${row.region}`;
}

function sharedWeights(pools: readonly DetectorPool[]): Set<string> {
  const key = (pool: DetectorPool): string =>
    [...pool.regions]
      .sort((x, y) => (x.region < y.region ? -1 : 1))
      .map((entry) => `${entry.region}=${entry.weight.toPrecision(4)}`)
      .join();
  const seen = new Map<string, string[]>();
  for (const pool of pools) {
    if (pool.regions.length < 2) continue;
    seen.set(key(pool), [...(seen.get(key(pool)) ?? []), pool.id]);
  }
  return new Set([...seen.values()].filter((ids) => ids.length > 1).flat());
}

/** Covariance of the weights' errors of a region's rows: as learned, and diagonal for rows of which nothing was learned. */
function covarianceOf(
  part: readonly { readonly sd: number; readonly scale: number; readonly place: number }[],
  belief: Belief,
): Float64Array {
  const covariance = new Float64Array(part.length ** 2);
  for (const [k, one] of part.entries()) {
    for (const [j, other] of part.entries()) {
      if (one.place >= 0 && other.place >= 0) {
        const learned = belief.covariance[one.place * belief.pools.length + other.place]!;
        covariance[k * part.length + j] = learned * one.scale * other.scale;
      } else if (k === j) covariance[k * part.length + j] = one.sd ** 2;
    }
  }
  return covariance;
}

/** The part of a row that its weights leave for regions that are not listed, 0..1. */
function leftOver(parts: ReadonlyMap<string, { readonly weight: number }>): number {
  return [...parts].reduce((left, [region, { weight }]) => (region === OTHER_REGION ? left : left - weight), 1);
}

interface RegionRowsInput {
  readonly weights: WeightsNow;
  /** Pools whose weights others state to the last digit. */
  readonly shared: ReadonlySet<string>;
  readonly rows: readonly Row[];
  /** Of the regions, OTHER last. */
  readonly names: readonly string[];
  readonly regimes: Regimes;
  /** See `RowsKnown`. */
  readonly parts: readonly number[];
}

/** Weights by region and row, with accepted regimes applied. */
function regionRowsOf({ weights, shared, rows, names, regimes, parts }: RegionRowsInput): RegionRows[] {
  const { pools, beliefs } = weights;
  const partsOf = new Map(pools.map((pool) => [pool.id, new Map(pool.regions.map((entry) => [entry.region, entry]))]));
  // The part of each pool that accepted regimes have left: a fallen region's weight shrinks, and all others grow to fill it.
  const left = new Map(
    pools.map((pool) => {
      const lost = pool.regions.reduce((sum, entry) => sum + entry.weight * (1 - (regimes[entry.region] ?? 1)), 0);
      return [pool.id, Math.max(0.05, 1 - lost)];
    }),
  );
  const rests = new Map(pools.map((pool) => [pool.id, restWeights(pool, rows, parts)]));
  const scored = names.map((region): RegionRows => {
    const belief = beliefs.get(region);
    const part = rows.flatMap((row, index) => {
      if (row.region !== null && row.region !== REST)
        return row.region === region ? [{ index, weight: 1, sd: REGIONAL_ROW_SD, scale: 1, place: -1 }] : [];
      const mine = row.region === REST ? rests.get(row.pool) : partsOf.get(row.pool);
      const known = region === OTHER_REGION && mine ? unlistedWeight(leftOver(mine)) : mine?.get(region);
      if (!known) return [];
      const scale = (regimes[region] ?? 1) / left.get(row.pool)!;
      const weight = Math.min(1, known.weight * scale);
      if (weight < NEGLIGIBLE) return [];
      const place = row.region === null ? (belief?.pools.indexOf(row.pool) ?? -1) : -1;
      const unmeasured = place < 0 && shared.has(row.pool);
      const sd = unmeasured ? Math.max(known.sd, SHARED_WEIGHT_SD * known.weight) : known.sd;
      return [{ index, weight, sd: sd * scale, scale, place }];
    });
    const rowsOfRegion = {
      region,
      rows: Int32Array.from(part, (entry) => entry.index),
      weight: Float64Array.from(part, (entry) => entry.weight),
      sd: Float64Array.from(part, (entry) => entry.sd),
    };
    return belief === undefined ? rowsOfRegion : { ...rowsOfRegion, covariance: covarianceOf(part, belief) };
  });
  // What the weights leave over is a region only where it could show.
  return scored.filter(({ region, rows: members }) => region !== OTHER_REGION || members.length > 0);
}

export function compile(model: DetectorModel): Compiled {
  const pools = [...model.pools].sort((x, y) => (x.id < y.id ? -1 : 1));
  const regions = [...new Set(pools.flatMap((pool) => pool.regions.map((entry) => entry.region)))]
    .filter((region) => region !== OTHER_REGION)
    .sort();
  const settings = settingsOf(model.detection);
  const fast = makeScale(fastScale(model.intervalSeconds, settings.margin.fast));
  const slow = makeScale({ ...slowScale, margin: settings.margin.slow });
  const shared = sharedWeights(pools);
  const configured: WeightsNow = { pools, beliefs: NO_BELIEFS };
  const byId = new Map(pools.map((pool) => [pool.id, pool]));
  const blocks = model.blockIntervalSeconds === undefined ? null : createBlockEvidence(model);
  return {
    model,
    settings,
    intervalMs: model.intervalSeconds * 1000,
    pools,
    regions,
    blocks,
    fast,
    slow,
    layout: (rows, { regimes = {}, windows = [], parts = [], weights = configured } = {}) => {
      const said = rows.flatMap(({ region }) => (region === null || region === REST ? [] : [region]));
      const names = [...[...new Set([...regions, ...said])].sort(), OTHER_REGION];
      const operators = new Map<string, number[]>();
      rows.forEach((row, index) => {
        const operator = byId.get(row.pool)?.operator;
        if (operator !== undefined) operators.set(operator, [...(operators.get(operator) ?? []), index]);
      });
      const score = {
        rows,
        regions: regionRowsOf({ weights, shared, rows, names, regimes, parts }),
        operators: [...operators]
          .filter(([, members]) => members.length > 1)
          .map(([operator, members]) => ({ operator, rows: Int32Array.from(members) })),
        counted: countedOf(rows, parts),
      };
      // Computed now, because the tick that first needs them is the one that opens an alert.
      prepareTables(score);
      return {
        rows,
        index: new Map(rows.map((row, index) => [rowKey(row), index])),
        fastBanks: fast.banks(windowsOf(pools, rows, windows)),
        slowBanks: slow.banks(rows.map(() => SLOW_FILTER_SECONDS)),
        score,
        rests: restsOf(rows),
        blocks:
          blocks === null || weights.pools === pools ? blocks : createBlockEvidence({ ...model, pools: weights.pools }),
      };
    },
  };
}
