/** Every source type by name: what the configuration may say, and the adapter it makes. */
import type { SourceConfig } from "../config/resolve/resolved.ts";
import { HashfallError } from "../model/errors.ts";
import type { SourceDeps, SourceType } from "./adapter.ts";
import { bitcoind } from "./bitcoind.ts";
import { blockchainInfo } from "./blockchain-info.ts";
import { braiins } from "./braiins.ts";
import { braiinsInsights } from "./braiins-insights.ts";
import { ckpool } from "./ckpool.ts";
import type { Source } from "./contract.ts";
import { cryptonote } from "./cryptonote.ts";
import { mempool } from "./mempool.ts";
import { miningRigRentals } from "./mining-rig-rentals.ts";
import { miningcore } from "./miningcore.ts";
import { nodejsPool } from "./nodejs-pool.ts";
import { nomp } from "./nomp.ts";
import { ocean } from "./ocean.ts";
import { openEthereumPool } from "./open-ethereum-pool.ts";
import { p2pool } from "./p2pool.ts";
import { publicPool } from "./public-pool.ts";
import { regionsMap } from "./regions-map.ts";
import { reportedJson } from "./reported-json.ts";
import { antpool, binance, foundry, viabtc } from "./reported-presets.ts";
import { yiimp } from "./yiimp.ts";

const ALL: readonly SourceType[] = [
  mempool,
  bitcoind,
  ckpool,
  reportedJson,
  foundry,
  antpool,
  viabtc,
  binance,
  ocean,
  braiins,
  braiinsInsights,
  publicPool,
  miningcore,
  openEthereumPool,
  cryptonote,
  nodejsPool,
  p2pool,
  yiimp,
  nomp,
  regionsMap,
  miningRigRentals,
  blockchainInfo,
];

/** Type name -> adapter. The configuration schema and `hashfall check` are made from it. */
export const SOURCE_TYPES: Readonly<Record<string, SourceType>> = Object.fromEntries(ALL.map((t) => [t.type, t]));

/** Every region that a source's rows may name, each once. */
export function regionsOfSource(config: SourceConfig): readonly string[] {
  const said = SOURCE_TYPES[config.type]?.regions?.(config.options) ?? [];
  return [...new Set([...(config.region === null ? [] : [config.region]), ...said])];
}

/** A ready source. Throws `HashfallError` `SOURCE_INVALID` for an unknown type or a configuration that cannot work. */
export function makeSource(config: SourceConfig, deps: SourceDeps): Source {
  const type = SOURCE_TYPES[config.type];
  if (!type) {
    throw new HashfallError(
      "SOURCE_INVALID",
      `Source ${config.id}: type "${config.type}" is unknown; allowed: ${Object.keys(SOURCE_TYPES).join(", ")}.`,
    );
  }
  return type.create(config, deps);
}
