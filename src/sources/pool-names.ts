/** Upstream's names of pools -> our pool ids, as the configuration maps them. */
import type { SourceConfig } from "../config/resolve/resolved.ts";

/** Letters and digits in lower case, as mempool makes its slugs: `Foundry USA` and `foundryusa` are one. */
export function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** Other names that upstreams use for the same pool. */
const ALIASES: Readonly<Record<string, string>> = {
  foundryusa: "foundry",
  foundryusapool: "foundry",
  binancepool: "binance",
  braiinspool: "braiins",
  slushpool: "braiins",
  slush: "braiins",
  poolin: "poolin",
  marapool: "mara",
  sbicrypto: "sbi",
  luxor: "luxor",
  antpool: "antpool",
  "1thash": "1thash",
  btccom: "btccom",
  ultimuspool: "ultimus",
  kucoinpool: "kucoin",
  spiderpool: "spiderpool",
  oceanxyz: "ocean",
};

export interface PoolNames {
  /** Our id for any of the names an upstream gives a pool (name, slug, numeric id), or null when it is not configured. */
  find(...names: readonly (string | undefined)[]): string | null;
  /** An id for a pool that the configuration does not know, for rows that are wanted nevertheless. */
  foreign(name: string): string;
}

/** A name matches by its exact text, by its slug, and by a well-known other name of a configured pool. */
export function poolNames(config: SourceConfig): PoolNames {
  const bySlug = new Map<string, string>();
  const ids = new Set(Object.values(config.pools));
  for (const [name, id] of Object.entries(config.pools)) bySlug.set(slug(name) || name, id);
  for (const [alias, id] of Object.entries(ALIASES)) {
    if (ids.has(id) && !bySlug.has(alias)) bySlug.set(alias, id);
  }
  return {
    find(...names) {
      for (const name of names) {
        const id = name === undefined ? undefined : (config.pools[name] ?? bySlug.get(slug(name)));
        if (id !== undefined) return id;
      }
      return null;
    },
    foreign: (name) => slug(name) || "unknown",
  };
}
