/**
 * Parents of regions: a network's regions are disjoint, so `US` beside `US-TX` is refused, and what is known of a country
 * whose subdivisions are regions is the sum over them. Said beside the regions and marked, never counted with them.
 */
import { parentRegion } from "./region.ts";

/** Figures that add up, H/s; absent when unknown. */
interface Figures {
  readonly hashrate?: number;
  readonly expected?: number;
  readonly drop?: number;
}

export interface RollUp extends Figures {
  readonly region: string;
  readonly rollUp: true;
  /** The regions it sums, in order of names. */
  readonly of: string[];
}

/** Regions that a country's figures are summed over; empty where it is a region itself, or has none. In order of names. */
export function partsOf(region: string, regions: Iterable<string>): string[] {
  const all = [...new Set(regions)];
  return all.includes(region) ? [] : all.filter((part) => parentRegion(part) === region).sort();
}

/** Country -> its parts, for every country that is no region itself, in order of names. */
export function parentsOf(regions: Iterable<string>): Map<string, string[]> {
  const all = [...new Set(regions)];
  const parents = new Set(all.flatMap((part) => parentRegion(part) ?? []));
  return new Map(
    [...parents]
      .sort()
      .map((parent) => [parent, partsOf(parent, all)] as const)
      .filter(([, parts]) => parts.length > 0),
  );
}

/** Sums of figures: unknown as soon as one of them is, since half a country is not the country. */
export function sumFigures(parts: readonly Figures[]): Figures {
  const sum = (of: (part: Figures) => number | undefined): number | undefined =>
    parts.reduce<number | undefined>((total, part) => {
      const value = of(part);
      return total === undefined || value === undefined ? undefined : total + value;
    }, 0);
  if (parts.length === 0) return {};
  const hashrate = sum((part) => part.hashrate);
  const expected = sum((part) => part.expected);
  const known = hashrate !== undefined && expected !== undefined && expected > 0;
  return {
    ...(hashrate === undefined ? {} : { hashrate }),
    ...(expected === undefined ? {} : { expected }),
    ...(known ? { drop: Math.min(1, Math.max(0, 1 - hashrate / expected)) } : {}),
  };
}

/** Roll-ups of the regions of one network. They have no score: that "some part fell" is nobody's hypothesis. */
export function rollUpsOf(regions: readonly (Figures & { readonly region: string })[]): RollUp[] {
  const known = new Map(regions.map((entry) => [entry.region, entry]));
  return [...parentsOf(known.keys())].map(([region, of]) => ({
    region,
    rollUp: true,
    of,
    ...sumFigures(of.map((part) => known.get(part)!)),
  }));
}
