/** The sums with the falls taken out that are known of, so that everything else stays watched. */
import { type KnownFall, sumsWithout } from "../score/effects.ts";
import type { Sums } from "../score/sums.ts";
import type { TickContext } from "./context.ts";
import { dipFalls } from "./dips.ts";
import type { RegionAlert } from "./open-alert.ts";
import { knownRegionFalls } from "./region-list.ts";
import type { ScaleView } from "./scale-view.ts";

export interface Beside {
  /** A regional fall that is left in. */
  readonly except?: RegionAlert;
  /** Onsets before it, ms, are not asked for. */
  readonly from?: number;
  /** Falls of everything with an onset before it, ms, are taken out too; none when left out. */
  readonly dipsBefore?: number;
}

/** A scale's sums without what its alerts and withheld falls left in them. */
export function sumsBeside(context: TickContext, view: ScaleView, { except, from, dipsBefore }: Beside = {}): Sums {
  const regional: KnownFall[] = knownRegionFalls(context.state).filter(
    (fall) => fall.scale === view.name && fall !== except,
  );
  const dips = dipsBefore === undefined || view.name !== "fast" ? [] : dipFalls(context, dipsBefore);
  return sumsWithout(view.state, view.scale.spec, view.banks, [...regional, ...dips], from);
}
