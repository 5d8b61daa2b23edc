/** Lets a block through once: a source repeats its newest blocks at every tick. */
import type { Sample } from "../model/sample.ts";

/** Heights kept per source: more than any source repeats. After a restart a few come again, and the detector knows them. */
const KEPT_HEIGHTS = 200;

export type NewBlocks = (source: string, samples: readonly Sample[]) => Sample[];

export function makeNewBlocks(): NewBlocks {
  const seen = new Map<string, Set<number>>();
  return (source, samples) => {
    const known = seen.get(source) ?? new Set<number>();
    seen.set(source, known);
    const fresh = samples.filter((sample) => {
      if (sample.kind !== "block") return true;
      if (known.has(sample.height)) return false;
      known.add(sample.height);
      return true;
    });
    // A Set keeps the order of insertion: the oldest go first.
    for (const height of known) {
      if (known.size <= KEPT_HEIGHTS) break;
      known.delete(height);
    }
    return fresh;
  };
}
