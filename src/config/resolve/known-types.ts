/** The types of sources and witnesses that a configuration may name. To know them all is to load every adapter. */
import type { SourceType } from "../../sources/adapter.ts";
import type { WitnessType } from "../../sources/witness/contract.ts";

export interface KnownTypes {
  readonly sources: Readonly<Record<string, SourceType>>;
  readonly witnesses: Readonly<Record<string, WitnessType>>;
}

/** For a file that names no source and no witness. */
export const NO_TYPES: KnownTypes = { sources: {}, witnesses: {} };
