/** The part that all witnesses share: asks politely, and turns whatever happens into one outcome. */
import type { SourceConfig } from "../../config/resolve/resolved.ts";
import type { Fact } from "../../model/fact.ts";
import type { SourceDeps } from "../adapter.ts";
import { type AskSpec, makeAsker, type Reader } from "../read-source.ts";
import type { Witness, WitnessOutcome } from "./contract.ts";

export interface Testimony {
  readonly facts: readonly Fact[];
  readonly unknown: readonly string[];
}

/** @param read null when nothing has changed */
export function readWitness(
  config: SourceConfig,
  deps: SourceDeps,
  spec: AskSpec & { read(reader: Reader): Promise<readonly Fact[] | Testimony | null> },
): Witness {
  const asker = makeAsker(config, deps, spec);
  return {
    id: config.id,
    minIntervalMs: asker.minIntervalMs,
    async look(context) {
      const result = await asker.run(context, (reader) => spec.read(reader));
      if (result.kind === "error") return result;
      return result.value === null ? { kind: "not-modified" } : said(result.value);
    },
  };
}

function said(value: readonly Fact[] | Testimony): WitnessOutcome {
  if (!("unknown" in value)) return { kind: "ok", facts: value };
  const { facts, unknown } = value;
  return { kind: "ok", facts, ...(unknown.length > 0 ? { unknown } : {}) };
}

/** Median of some numbers; null of none. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
