/** Which regions a source's rows may name, by what its type says of itself. */
import type { SourceConfig } from "../config/resolve/resolved.ts";
import type { SourceType } from "./adapter.ts";

/** Every region that a source's rows may name, each once. */
export function rowRegions(config: SourceConfig, types: Readonly<Record<string, SourceType>>): readonly string[] {
  const said = types[config.type]?.regions?.(config.options) ?? [];
  return [...new Set([...(config.region === null ? [] : [config.region]), ...said])];
}
