/**
 * Witnesses confirm and explain: a country's connectivity, a grid's state, a price. What they say is not hash rate, and
 * they never open an alert alone.
 */
import type { z } from "zod";
import type { SourceConfig } from "../../config/resolved.ts";
import type { SourceDefaults, SourceDeps } from "../adapter.ts";
import type { ReadFailure } from "../read-source.ts";

export type Fact =
  /** A signal of a country's reachability now, against its own median of the day before. */
  | {
      readonly kind: "connectivity";
      readonly region: string;
      readonly signal: string;
      /** Now over median; 1 is as always. */
      readonly ratio: number;
      readonly at: number;
    }
  /** Somebody's verified finding of an outage. */
  | {
      readonly kind: "outage";
      readonly region: string;
      /** As it was found, like POWER_OUTAGE or GOVERNMENT_DIRECTED; null when not said. */
      readonly cause: string | null;
      readonly from: number;
      /** Absent while it lasts. */
      readonly to?: number;
    }
  /** The state of a power grid: miners switch off when it is short or dear. */
  | {
      readonly kind: "grid";
      readonly region: string;
      /** 0 is normal. */
      readonly emergencyLevel: number | null;
      readonly usdPerMegawattHour: number | null;
      readonly at: number;
    }
  | { readonly kind: "price"; readonly usd: number; readonly of: readonly string[]; readonly at: number };

export type WitnessOutcome =
  | { readonly kind: "ok"; readonly facts: readonly Fact[] }
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
  readonly defaults: SourceDefaults;
  readonly schema: z.ZodObject;
  /** Throws `HashfallError` when the configuration lacks what it needs. */
  create(config: SourceConfig, deps: SourceDeps): Witness;
}
