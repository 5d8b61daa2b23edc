/**
 * Witnesses confirm and explain: a country's connectivity, a grid's state, a price. What they say is not hash rate, and
 * they never open an alert alone.
 */
import type { z } from "zod";
import type { SourceConfig } from "../../config/resolve/resolved.ts";
import type { Fact } from "../../model/fact.ts";
import type { SourceDefaults, SourceDeps } from "../adapter.ts";
import type { ReadFailure } from "../read-source.ts";

export type WitnessOutcome =
  | {
      readonly kind: "ok";
      readonly facts: readonly Fact[];
      /** A few names that the configuration does not map, for whoever maps them. */
      readonly unknown?: readonly string[];
    }
  | { readonly kind: "not-modified" }
  | ReadFailure;

export interface Witness {
  readonly id: string;
  readonly minIntervalMs: number;
  /** Never throws: whatever happens is an outcome. */
  look(context: { readonly signal: AbortSignal; readonly now: number }): Promise<WitnessOutcome>;
}

export interface WitnessType {
  readonly type: string;
  readonly summary: string;
  readonly limits: string;
  readonly key: "none" | "required";
  /** Read from endpoints behind somebody's web page, without published terms: off with the one switch for them. */
  readonly undocumented?: boolean;
  readonly defaults: SourceDefaults;
  readonly schema: z.ZodObject;
  /** Throws `HashfallError` when the configuration lacks what it needs. */
  create(config: SourceConfig, deps: SourceDeps): Witness;
}
