/** Blocks in the score of pool figures: the same hypotheses, counted in blocks since each onset. */

import { HOUR_MS } from "../../model/time-units.ts";
import type { OtherEvidence } from "../hypotheses/hypothesis.ts";
import { floatAt, itemAt } from "../model/elements.ts";
import { DROPS, WIDE } from "../model/grids.ts";
import type { TickContext } from "../state/tick-context.ts";
import type { ScaleState } from "../statistics/scale-state.ts";

/** Blocks are evidence only for onsets at least this old: two hours of Bitcoin are twelve blocks, fewer show nothing. */
const OLD_ENOUGH_MS = 2 * HOUR_MS;
const MOST_DROP = 0.99;

/**
 * Block evidence by hypothesis and onset, each computed once per evaluation. Null without blocks, or while their baseline is
 * cold.
 */
export function blockEvidenceOf(context: TickContext, scale: ScaleState): OtherEvidence | null {
  const { compiled, state, layout, at } = context;
  const { blocks } = compiled;
  const memory = state.blocks;
  if (!blocks || !memory || !state.blockFeed.warm || state.blockFeed.silent) return null;
  const drops = DROPS.map((drop) => Math.min(MOST_DROP, drop));
  const order = layout.score.regions.map(({ region }) => blocks.regions.indexOf(region));
  const silence = { regions: new Float64Array(order.length * DROPS.length), wide: new Float64Array(WIDE.length) };
  const made = new Map<number, typeof silence>();
  const of = (slot: number): typeof silence => {
    const onset = floatAt(scale.slotAt, slot);
    if (at - onset < OLD_ENOUGH_MS) return silence;
    const known = made.get(slot);
    if (known) return known;
    const found = blocks.logRatios(memory, onset, drops);
    const regions = Float64Array.from({ length: order.length * DROPS.length }, (_, k) => {
      const region = itemAt(order, Math.floor(k / DROPS.length));
      return region < 0 ? 0 : floatAt(found, region * DROPS.length + (k % DROPS.length));
    });
    const wide = Float64Array.from(WIDE, (size) => blocks.networkLogRatio(memory, onset, Math.min(MOST_DROP, size)));
    const fresh = { regions, wide };
    made.set(slot, fresh);
    return fresh;
  };
  return { regions: (slot) => of(slot).regions, wide: (slot) => of(slot).wide };
}
