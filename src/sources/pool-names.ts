/** Upstream's names of pools -> our pool ids, as the configuration maps them. */
import { readFileSync } from "node:fs";
import { shippedConfigPath } from "../config/paths.ts";
import type { SourceConfig } from "../config/resolve/resolved.ts";

/** Letters and digits in lower case, as mempool makes its slugs: `Foundry USA` and `foundryusa` are one. */
export function slug(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** Other names of a pool -> its slug in the shipped list (config/mining-pools). */
const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ["foundry", "foundryusa"],
  ["foundryusapool", "foundryusa"],
  ["binance", "binancepool"],
  ["braiins", "braiinspool"],
  ["slushpool", "braiinspool"],
  ["slush", "braiinspool"],
  ["mara", "marapool"],
  ["marathon", "marapool"],
  ["sbi", "sbicrypto"],
  ["ultimus", "ultimuspool"],
  ["kucoin", "kucoinpool"],
  ["oceanxyz", "ocean"],
  ["whitebit", "whitepool"],
]);

/** The shipped list's slug of a pool -> its stable number there; the list is Bitcoin's. */
function shippedNumbers(): ReadonlyMap<string, string> {
  const list = JSON.parse(readFileSync(shippedConfigPath("mining-pools/pools-v2.json"), "utf8")) as readonly {
    readonly id: number;
    readonly name: string;
  }[];
  return new Map(list.map(({ id, name }) => [slug(name), String(id)]));
}

export interface PoolNames {
  /** Our id for any of the names an upstream gives a pool (name, slug, numeric id), or null when it is not configured. */
  find(...names: readonly (string | undefined)[]): string | null;
  /** An id for a pool that the configuration does not know, for rows that are wanted nevertheless. */
  foreign(name: string): string;
  /** What changed upstream: a pool that was only recognised by its number, or has another number than it had. */
  changes(): readonly string[];
}

const MOST_CHANGES = 20;

/**
 * A name matches by its exact text, by its slug, by a well-known other name of the same pool, and on Bitcoin by the number
 * that the shipped list gives the pool: a pool that renames itself keeps it.
 */
export function poolNames(config: SourceConfig): PoolNames {
  const numbers = config.coin === "BTC" ? shippedNumbers() : new Map<string, string>();
  const canonical = (name: string): string => OTHER_NAMES.get(slug(name)) ?? slug(name);
  // A name from outside may be any text, `constructor` too: it is never looked up in an object.
  const byText = new Map(Object.entries(config.pools));
  const bySlug = new Map<string, string>();
  const byNumber = new Map<string, string>();
  for (const [name, id] of Object.entries(config.pools)) bySlug.set(slug(name) || name, id);
  for (const [name, id] of Object.entries(config.pools)) {
    for (const known of [canonical(name), canonical(id)]) {
      if (!bySlug.has(known)) bySlug.set(known, id);
      const number = numbers.get(known);
      if (number !== undefined && !byNumber.has(number)) byNumber.set(number, id);
    }
  }
  const changes = new Set<string>();
  const tell = (change: string): void => {
    if (changes.size < MOST_CHANGES) changes.add(change);
  };
  const byName = (names: readonly string[]): string | undefined => {
    for (const name of names) {
      const id = byText.get(name) ?? bySlug.get(slug(name)) ?? bySlug.get(canonical(name));
      if (id !== undefined) return id;
    }
    return undefined;
  };
  return {
    find(...given) {
      const names = given.filter((name) => name !== undefined);
      const number = names.find((name) => /^\d+$/.test(name));
      const words = names.filter((name) => name !== number);
      const id = byName(words) ?? byName(number === undefined ? [] : [number]);
      const numbered = number === undefined ? undefined : byNumber.get(number);
      if (id === undefined && numbered !== undefined) {
        tell(`${numbered} (number ${number}) is called ${words.join(", ")} there now: add that name to \`pools\``);
        return numbered;
      }
      const known = numbers.get(canonical(words[0] ?? ""));
      if (id !== undefined && number !== undefined && known !== undefined && known !== number) {
        tell(`${words[0]} has the number ${number} there and ${known} in the shipped list: is it the same pool?`);
      }
      return id ?? null;
    },
    foreign: (name) => slug(name) || "unknown",
    changes: () => [...changes],
  };
}
