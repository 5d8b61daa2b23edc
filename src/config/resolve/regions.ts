/** Every region that a network's rows may name: what its weights, its sources, and whoever sends it rows speak of. */
import { SOURCE_TYPES } from "../../sources/registry.ts";
import { networkRegions } from "./network-regions.ts";
import type { NetworkConfig } from "./resolved.ts";

/** In order of their names, each once; OTHER among them where the weights leave a rest. */
export function regionsOf(network: NetworkConfig): readonly string[] {
  return networkRegions(network, SOURCE_TYPES);
}
