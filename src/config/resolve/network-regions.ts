/** Every region that a network's rows may name, where the types of its sources are at hand. */
import { rowRegions } from "../../sources/row-regions.ts";
import type { KnownTypes } from "./known-types.ts";
import type { NetworkConfig } from "./resolved.ts";

/** In order of their names, each once; OTHER among them where the weights leave a rest. */
export function networkRegions(
  { model, sources, senders = [] }: NetworkConfig,
  types: KnownTypes["sources"],
): readonly string[] {
  const weighed = model.pools.flatMap((pool) => pool.regions.map(({ region }) => region));
  const said = sources.flatMap((source) => rowRegions(source, types));
  return [...new Set([...weighed, ...said, ...senders.flatMap(({ regions }) => regions)])].sort();
}
