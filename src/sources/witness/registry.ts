/** Every witness type by name. */
import type { SourceConfig } from "../../config/resolve/resolved.ts";
import { HashfallError } from "../../model/errors.ts";
import type { SourceDeps } from "../adapter.ts";
import { cloudflareRadar } from "./cloudflare-radar.ts";
import type { Witness, WitnessType } from "./contract.ts";
import { ercot } from "./ercot.ts";
import { ioda } from "./ioda.ts";
import { minerCounts } from "./miner-counts.ts";
import { tickers } from "./tickers.ts";

const ALL: readonly WitnessType[] = [ioda, cloudflareRadar, ercot, tickers, minerCounts];

export const WITNESS_TYPES: Readonly<Record<string, WitnessType>> = Object.fromEntries(ALL.map((t) => [t.type, t]));

/** A ready witness. Throws `HashfallError` `SOURCE_INVALID` for an unknown type. */
export function makeWitness(config: SourceConfig, deps: SourceDeps): Witness {
  const type = WITNESS_TYPES[config.type];
  if (!type) {
    const known = Object.keys(WITNESS_TYPES).join(", ");
    throw new HashfallError(
      "SOURCE_INVALID",
      `Witness ${config.id}: type "${config.type}" is unknown; allowed: ${known}.`,
    );
  }
  return type.create(config, deps);
}
