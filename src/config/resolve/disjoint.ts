/** A network's regions are disjoint: `US` beside `US-TX` would count Texas twice. Parents are reported as roll-ups. */
import { parentRegion } from "../../model/region.ts";

/** Pairs of a country and one of its own subdivisions that stand side by side, in order. */
export function overlaps(regions: Iterable<string>): readonly { readonly parent: string; readonly part: string }[] {
  const all = new Set(regions);
  return [...all]
    .flatMap((part) => {
      const parent = parentRegion(part);
      return parent !== null && all.has(parent) ? [{ parent, part }] : [];
    })
    .sort((a, b) => (a.part < b.part ? -1 : 1));
}
