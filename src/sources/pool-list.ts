/**
 * Who found a block, by its coinbase: a payout address, or a tag in the coinbase script. The list is data of its own:
 * mempool's pools-v2.json, as it is shipped in config/mining-pools, or a newer one that the configuration names.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { shippedConfigPath } from "../config/paths.ts";
import { HashfallError, messageOf } from "../model/errors.ts";

const Entry = z.looseObject({
  id: z.number().int().optional(),
  name: z.string().min(1),
  addresses: z.array(z.string()).default([]),
  tags: z.array(z.string()).default([]),
});

export interface Coinbase {
  /** The coinbase script, hex. */
  readonly script: string;
  /** Addresses of the coinbase's outputs. */
  readonly addresses: readonly string[];
}

export interface ListedPool {
  readonly name: string;
  /** The list's stable number, as text. */
  readonly id: string | undefined;
}

export interface PoolList {
  /** The pool that a coinbase belongs to: by address first, then by the first tag that matches; null for none. */
  attribute(coinbase: Coinbase): ListedPool | null;
}

/** mempool's list as it is shipped (168 pools, MIT licence, see config/mining-pools). */
export function shippedPoolList(): string {
  return shippedConfigPath("mining-pools/pools-v2.json");
}

/** Reads a list. Throws `HashfallError` `SOURCE_INVALID` when the file cannot be read or is no such list. */
export function loadPoolList(path: string): PoolList {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new HashfallError("SOURCE_INVALID", `The pool list cannot be read: ${messageOf(error)}`);
  }
  try {
    return makePoolList(JSON.parse(text));
  } catch (error) {
    const why = messageOf(error).split("\n")[0] ?? "";
    throw new HashfallError(
      "SOURCE_INVALID",
      `${path} is no pool list (a JSON list of {name, addresses, tags}): ${why}`,
    );
  }
}

/** @param data a list of `{id, name, addresses, tags}`; tags are case-insensitive regular expressions */
export function makePoolList(data: unknown): PoolList {
  const byAddress = new Map<string, ListedPool>();
  const byTag: { pattern: RegExp; pool: ListedPool }[] = [];
  for (const entry of z.array(Entry).parse(data)) {
    const pool = { name: entry.name, id: entry.id === undefined ? undefined : String(entry.id) };
    for (const address of entry.addresses) byAddress.set(address, pool);
    for (const tag of entry.tags) byTag.push({ pattern: new RegExp(tag, "i"), pool });
  }
  return {
    attribute({ script, addresses }) {
      for (const address of addresses) {
        const pool = byAddress.get(address);
        if (pool) return pool;
      }
      const bytes = Buffer.from(script, "hex");
      // A byte a character, as mempool reads it; a few pools sign in Chinese or with a fish.
      const texts = [bytes.toString("latin1"), bytes.toString("utf8")];
      return byTag.find(({ pattern }) => texts.some((text) => pattern.test(text)))?.pool ?? null;
    },
  };
}
