/** Checks names in filters and silences. An unknown name is refused, with the nearest known one. */

import { regionsOf } from "../config/resolve/regions.ts";
import type { NetworkConfig } from "../config/resolve/resolved.ts";
import { nearest } from "../model/nearest-name.ts";
import { parentRegion, regionCovers } from "../model/region.ts";

/** Most names that an error lists. */
const MOST_LISTED = 12;

export interface NamedFilter {
  readonly networks?: readonly string[] | undefined;
  readonly regions?: readonly string[] | undefined;
  readonly pools?: readonly string[] | undefined;
}

export interface UnknownName {
  readonly code: "unknown-network" | "unknown-region" | "unknown-pool";
  /** The given name, the nearest known one, and the known names. */
  readonly why: string;
}

/** The first name in a filter that no configured network has; null when all are known. `US` is known where `US-TX` is. */
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
