/** The regions that a network's rows may name: what its weights, its sources, and whoever sends it rows speak of. */
import { regionsOfSource } from "../../sources/registry.ts";
import type { NetworkConfig } from "./resolved.ts";

/** In order of their names, each once; OTHER among them where the weights leave a rest. */
export function regionsOf({ model, sources, senders = [] }: NetworkConfig): readonly string[] {
  const weighed = model.pools.flatMap((pool) => pool.regions.map(({ region }) => region));
  const reported = sources.flatMap(regionsOfSource);
  return [...new Set([...weighed, ...reported, ...senders.flatMap(({ regions }) => regions)])].sort();
}
