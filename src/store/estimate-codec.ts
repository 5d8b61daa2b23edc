/**
 * One tick's regional estimates, packed: the names of the regions, and three 32-bit floats for each (hash rate, expected,
 * drop) after the network's own. Seven digits are more than any of these figures has; NaN is "unknown".
 */
import type { NetworkView } from "../model/view.ts";

export interface Estimate {
  readonly hashrate?: number;
  readonly expected?: number;
  readonly drop?: number;
}

export interface PackedEstimates {
  /** `KZ,US,...`; the figures begin with the network's. */
  readonly regions: string;
  readonly figures: Buffer;
}

/** The network as a whole stands under this name. */
export const WHOLE_NETWORK = "";
const FIELDS = 3;
const BYTES = 4;

export function packEstimates(estimates: ReadonlyMap<string, Estimate>): PackedEstimates {
  const regions = [...estimates.keys()].filter((name) => name !== WHOLE_NETWORK);
  const figures = Buffer.alloc((regions.length + 1) * FIELDS * BYTES);
  for (const [i, name] of [WHOLE_NETWORK, ...regions].entries()) {
    const { hashrate, expected, drop } = estimates.get(name) ?? {};
    for (const [j, figure] of [hashrate, expected, drop].entries()) {
      figures.writeFloatLE(figure ?? Number.NaN, (i * FIELDS + j) * BYTES);
    }
  }
  return { regions: regions.join(","), figures };
}

export function packView(view: NetworkView): PackedEstimates {
  const estimates = new Map<string, Estimate>();
  estimates.set(WHOLE_NETWORK, view.hashrate === undefined ? {} : { hashrate: view.hashrate });
  for (const estimate of view.regions) estimates.set(estimate.region, estimate);
  return packEstimates(estimates);
}

/** @param only the regions that are wanted; all of them when absent */
export function unpackEstimates(
  { regions, figures }: PackedEstimates,
  only?: ReadonlySet<string>,
): ReadonlyMap<string, Estimate> {
  const names = [WHOLE_NETWORK, ...(regions === "" ? [] : regions.split(","))];
  const estimates = new Map<string, Estimate>();
  for (const [i, name] of names.entries()) {
    if (figures.length < (i + 1) * FIELDS * BYTES) break;
    if (only && !only.has(name)) continue;
    const [hashrate = Number.NaN, expected = Number.NaN, drop = Number.NaN] = [0, 1, 2].map((j) =>
      figures.readFloatLE((i * FIELDS + j) * BYTES),
    );
    estimates.set(name, {
      ...(Number.isNaN(hashrate) ? {} : { hashrate }),
      ...(Number.isNaN(expected) ? {} : { expected }),
      ...(Number.isNaN(drop) ? {} : { drop }),
    });
  }
  return estimates;
}
