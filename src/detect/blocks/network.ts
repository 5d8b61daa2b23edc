/** What the block evidence needs of a model, looked up fast: pools by slot, shares by region. */
import { OTHER_REGION } from "../../model/region.ts";
import type { DetectorModel } from "../contract.ts";
import { settingsOf } from "../settings.ts";
import { type BlockSettings, DEFAULT_BLOCK_SECONDS } from "./settings.ts";

export interface Network {
  readonly pools: readonly string[];
  /** Every region of the model but OTHER, in order of first mention. */
  readonly regions: readonly string[];
  readonly blockMs: number;
  readonly settings: BlockSettings;
  /** Probability from which a region is named. */
  readonly nameProbability: number;
  /** Slots of every operator that runs more than one pool. */
  readonly operators: readonly { readonly operator: string; readonly slots: readonly number[] }[];
  /** Slot of a pool; `pools.length` for one that the model does not know. */
  slot(pool: string): number;
  /** Weight of a region on a slot, 0 where there is none. */
  share(slot: number, region: string): number;
  /** Standard deviation of that weight. */
  doubt(slot: number, region: string): number;
}

export function networkOf(model: DetectorModel, settings: BlockSettings): Network {
  const pools = model.pools.map((pool) => pool.id);
  const slots = new Map(pools.map((id, slot) => [id, slot]));
  const weights = model.pools.map((pool) => new Map(pool.regions.map((weight) => [weight.region, weight])));
  const regions = [...new Set(model.pools.flatMap((pool) => pool.regions.map((weight) => weight.region)))];
  const byOperator = new Map<string, number[]>();
  model.pools.forEach(({ operator }, slot) => {
    if (operator !== undefined) byOperator.set(operator, [...(byOperator.get(operator) ?? []), slot]);
  });
  return {
    pools,
    operators: [...byOperator]
      .map(([operator, members]) => ({ operator, slots: members }))
      .filter((entry) => entry.slots.length > 1),
    regions: regions.filter((region) => region !== OTHER_REGION),
    blockMs: (model.blockIntervalSeconds ?? DEFAULT_BLOCK_SECONDS) * 1000,
    settings,
    nameProbability: settingsOf(model.detection).nameProbability,
    slot: (pool) => slots.get(pool) ?? pools.length,
    share: (slot, region) => weights[slot]?.get(region)?.weight ?? 0,
    doubt: (slot, region) => weights[slot]?.get(region)?.sd ?? 0,
  };
}
