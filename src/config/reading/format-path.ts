/** A place in a configuration file as people write it. */
import type { KeyPath } from "./document.ts";

/** `networks.bitcoin.pools.antpool` */
export function formatPath(path: KeyPath): string {
  return path.map((part, i) => (typeof part === "number" ? `[${part}]` : i === 0 ? part : `.${part}`)).join("");
}
