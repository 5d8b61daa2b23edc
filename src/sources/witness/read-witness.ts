/** The part that all witnesses share: asks politely, and turns whatever happens into one outcome. */
import type { SourceConfig } from "../../config/resolved.ts";
import type { Fact } from "../../model/fact.ts";
import type { SourceDeps } from "../adapter.ts";
import { type AskSpec, makeAsker, type Reader } from "../read-source.ts";
import type { Witness } from "./contract.ts";

/** @param read null when nothing has changed */
export function readWitness(
  config: SourceConfig,
  deps: SourceDeps,
  spec: AskSpec & { read(reader: Reader): Promise<readonly Fact[] | null> },
): Witness {
  const asker = makeAsker(config, deps, spec);
  return {
    id: config.id,
    minIntervalMs: asker.minIntervalMs,
    async look(context) {
      const result = await asker.run(context, (reader) => spec.read(reader));
      if (result.kind === "error") return result;
      return result.value === null ? { kind: "not-modified" } : { kind: "ok", facts: result.value };
    },
  };
}

/** Median of some numbers; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
