/** Lets a block through once: a source repeats its newest blocks at every tick. */
import type { BlockSample, Sample } from "../model/sample.ts";

/**
 * Heights that are kept per source: more than any source repeats. After a restart a few blocks repeat, and the detector drops
 * them.
 */
const KEPT_HEIGHTS = 200;

export type NewBlocks = (source: string, samples: readonly Sample[]) => Sample[];

export function makeNewBlocks(): NewBlocks {
  const seen = new Map<string, Map<number, string>>();
  return (source, samples) => {
    const known = seen.get(source) ?? new Map<number, string>();
    seen.set(source, known);
    const fresh = samples.filter((sample) => {
      if (sample.kind !== "block") return true;
      const block = blockName(sample);
      if (known.get(sample.height) === block) return false;
      known.delete(sample.height);
      known.set(sample.height, block);
      return true;
    });
    // A Map keeps the order of insertion: the oldest go first.
    for (const height of known.keys()) {
      if (known.size <= KEPT_HEIGHTS) break;
      known.delete(height);
    }
    return fresh;
  };
}

/**
 * Distinguishes blocks of one height: after a reorganisation another block has that height, with another time and often
 * finder.
 */
function blockName({ pool, observedAt }: BlockSample): string {
  return `${observedAt ?? ""} ${pool}`;
}
