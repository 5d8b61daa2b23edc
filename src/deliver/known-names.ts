/** Names that somebody filters or silences by: one that means nothing here is refused, with the nearest that does. */

import { regionsOf } from "../config/resolve/regions.ts";
import type { NetworkConfig } from "../config/resolve/resolved.ts";
import { nearest } from "../model/nearest-name.ts";
import { parentRegion, regionCovers } from "../model/region.ts";

/** More names than these are not listed. */
const MOST_LISTED = 12;

export interface NamedFilter {
  readonly networks?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  readonly pools?: readonly string[] | undefined;
}

export interface UnknownName {
  readonly code: "unknown-network" | "unknown-region" | "unknown-pool";
  /** What was given, what may have been meant, and what there is. */
  readonly why: string;
}

/** The first name of a filter that no configured network knows; null when all are known. `US` is known where `US-TX` is. */
export function unknownName(filter: NamedFilter, all: readonly NetworkConfig[]): UnknownName | null {
  if (!filter.networks && !filter.regions && !filter.pools) return null;
  const names = all.map(({ name }) => name);
  const network = filter.networks?.find((name) => !names.includes(name));
  if (network !== undefined) return { code: "unknown-network", why: `networks: ${refused(network, names)}` };
  const meant = all.filter(({ name }) => filter.networks?.includes(name) ?? true);
  const regions = [...new Set(meant.flatMap(regionsOf))].sort();
  const region = filter.regions?.find((code) => !regions.some((known) => regionCovers(code, known)));
  const countries = regions.flatMap((known) => parentRegion(known) ?? []);
  if (region !== undefined)
    return { code: "unknown-region", why: `regions: ${refused(region, [...new Set([...regions, ...countries])])}` };
  const pools = meant.flatMap(({ model }) => model.pools.map(({ id }) => id));
  const pool = filter.pools?.find((id) => !pools.includes(id));
  return pool === undefined ? null : { code: "unknown-pool", why: `pools: ${refused(pool, pools)}` };
}

function refused(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  const more = known.length > MOST_LISTED ? ` and ${known.length - MOST_LISTED} more` : "";
  const meant = near === undefined ? "" : `did you mean ${near}? `;
  return `${name} is not known here; ${meant}known are ${known.slice(0, MOST_LISTED).join(", ")}${more}`;
}
