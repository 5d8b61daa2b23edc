/**
 * Ready mappings of `reported-json` for pools whose own web pages ask such a document. Shapes as those pages and public
 * clients used them in 2025 and 2026; none has published terms or limits, so one request in five minutes is asked under
 * our own name, and a notice at start says so. None for F2Pool: its API v1 and v2 tell
 * an account's hash rate (v2 with a token, and of the pool found blocks and luck alone), its coin page the network's.
 */
import { z } from "zod";
import { BITCOIN_ALONE, type SourceType } from "./adapter.ts";
import { readSource } from "./read-source.ts";
import { compileMapping, type Mapping, readMapped } from "./reported-json.ts";
import { onlyPool } from "./rows.ts";

/** Nobody has promised these endpoints to anyone: one request in five minutes is what a page left open asks. */
const POLITE = { minIntervalMs: 300_000, staleAfterMs: 1_800_000, timeoutMs: 15_000, dailyBudget: 400 };

const coin = z
  .string()
  .regex(/^[A-Z0-9]{2,8}$/, "a coin in capitals, like BTC")
  .describe("the coin whose figure is meant; the network's if absent")
  .optional();

/** The network's coin where none is said; another one than the network's is a mistake. */
const ofNetwork: SourceType["forCoin"] = (network, options) => {
  if (options.coin === undefined) return { ...options, coin: network };
  return options.coin === network ? options : null;
};

const BINANCE_ALGORITHMS: Readonly<Record<string, string>> = {
  BTC: "sha256",
  BCH: "sha256",
  LTC: "scrypt",
  DOGE: "scrypt",
};

interface Preset<Options> {
  readonly type: string;
  readonly summary: string;
  readonly url: string;
  readonly options: z.ZodObject & z.ZodType<Options>;
  path(options: Options): string;
  mapping(options: Options): Mapping;
  readonly forCoin: SourceType["forCoin"];
}

function preset<Options>({ type, summary, url, options, path, mapping, forCoin }: Preset<Options>): SourceType {
  const defaults = { ...POLITE, url };
  return {
    type,
    describe: {
      summary,
      limits: "none published; asked every five minutes at most",
      pools: "one",
      rows: ["pool"],
      key: "none",
      undocumented: true,
    },
    defaults,
    schema: options,
    ...(forCoin === undefined ? {} : { forCoin }),
    create(config, deps) {
      const pool = onlyPool(config);
      const own = options.parse(config.options);
      const mapped = compileMapping(config, mapping(own));
      return readSource(config, deps, {
        defaults,
        read: (reader) => readMapped(reader, path(own), pool, config, mapped, defaults.staleAfterMs),
      });
    },
  };
}

/** The pool's figure is the mean of an hour, in GH/s. */
export const foundry = preset({
  type: "foundry",
  forCoin: BITCOIN_ALONE,
  summary: "Foundry USA's own statistics (one-hour mean)",
  url: "https://api.foundryusapool.com",
  options: z.strictObject({}),
  path: () => "/pool_stats",
  mapping: () => ({ hashrate: "hashrate1hrAvg", unit: "GH/s", windowSeconds: 3600 }),
});

/** The text says its unit ("190.5 EH/s"); items are told apart by coin, their order changes. */
export const antpool = preset({
  type: "antpool",
  forCoin: ofNetwork,
  summary: "AntPool's figure on its own front page",
  url: "https://www.antpool.com",
  options: z.strictObject({ coin }),
  path: () => "/auth/v3/index/poolcoins",
  mapping: (options) => ({ hashrate: `data.items[coinType=${options.coin ?? "BTC"}].poolHashrate` }),
});

/** H/s, the newest element of a series; HTTP 200 with another message is an error. */
export const viabtc = preset({
  type: "viabtc",
  forCoin: ofNetwork,
  summary: "ViaBTC's figure on its own front page",
  url: "https://www.viabtc.com",
  options: z.strictObject({ coin }),
  path: (options) => `/res/pool/${options.coin ?? "BTC"}/state/usd/chart`,
  mapping: () => ({ hashrate: "data.viabtc_hash[-1]", unit: "H/s", okPath: "message", okValue: "OK" }),
});

/** A decimal string in H/s; algorithms are told apart by name, their order changes. */
export const binance = preset({
  type: "binance",
  forCoin: (coin, given) => {
    const algorithm = BINANCE_ALGORITHMS[coin];
    if (algorithm === undefined) return null;
    if (given.algorithm === undefined) return { ...given, algorithm };
    return given.algorithm === algorithm ? given : null;
  },
  summary: "Binance Pool's figure on its own front page",
  url: "https://pool.binance.com",
  options: z.strictObject({
    algorithm: z
      .string()
      .regex(/^[a-z0-9]+$/)
      .describe("its name of the algorithm, like sha256; that of the network's coin if absent")
      .optional(),
  }),
  path: () => "/mining-api/v1/public/pool/index",
  mapping: (options) => ({
    hashrate: `data.algoList[algoName=${options.algorithm ?? "sha256"}].poolHash`,
    unit: "H/s",
    okPath: "code",
    okValue: "0",
  }),
});
