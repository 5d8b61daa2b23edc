/** Every adapter with an upstream that is well: what is configured, what it answers, what is to be understood. */
import { join } from "node:path";
import type { SourceConfig } from "../../src/config/resolve/resolved.ts";
import { FIXTURES, fixture, NOW } from "./upstream.ts";

export interface AdapterCase {
  readonly type: string;
  /** Tells cases of one type apart. */
  readonly name?: string;
  readonly config?: Partial<SourceConfig>;
  /** Body by path (without query); functions see the request's body. */
  readonly answers: Readonly<Record<string, string | ((body: string) => string)>>;
  /** The figure as it stands in the answers: replaced by nonsense in the tests of failures. */
  readonly figure: string;
  /** [pool, region, H/s] of each row, or [pool, "block", height]. */
  readonly rows: readonly (readonly [string, string | null, number])[];
  readonly observedAt?: number;
  readonly windowSeconds?: number | null;
}

const BTC = { foundryusa: "foundry", antpool: "antpool" };

const one = (type: string, path: string, file: string, rest: Omit<AdapterCase, "type" | "answers">): AdapterCase => ({
  type,
  answers: { [path]: fixture(file) },
  ...rest,
});

const us = (hashrate: number): AdapterCase["rows"] => [["our-pool", null, hashrate]];

/** A node with one block, whose coinbase carries a tag. */
export function bitcoindAnswer(body: string, difficulty = "148258434855481.9"): string {
  const results: Record<string, string> = {
    getblockcount: "1",
    getblockhash: JSON.stringify("ab".repeat(32)),
    getblock: `{"height":1,"time":${NOW / 1000 - 90},"difficulty":${difficulty},"tx":["${"cd".repeat(32)}"]}`,
    getrawtransaction: JSON.stringify({
      vin: [{ coinbase: Buffer.from("\u0003ab/ExamplePool/").toString("hex") }],
      vout: [{ scriptPubKey: { address: "1SomebodyElse" } }],
    }),
  };
  const calls = JSON.parse(body) as { id: number; method: string }[];
  return `[${calls.map(({ id, method }) => `{"jsonrpc":"2.0","id":${id},"result":${results[method]}}`).join(",")}]`;
}

export const ADAPTER_CASES: readonly AdapterCase[] = [
  one("ckpool", "/pool/pool.status", "ckpool/pool.status", {
    config: { region: "EU" },
    figure: '"2.28P"',
    rows: [["our-pool", "EU", 2.28e15]],
    observedAt: NOW - 10_000,
    windowSeconds: 300,
  }),
  one("mempool", "/api/v1/blocks", "mempool/one-block.json", {
    config: { pools: BTC },
    figure: "148258434855481.9",
    rows: [["foundry", "block", 930_003]],
    observedAt: NOW - 120_000,
  }),
  {
    type: "bitcoind",
    config: {
      pools: { examplepool: "our-pool" },
      options: {
        poolList: join(FIXTURES, "bitcoind/pool-list.json"),
        user: "hashfall",
        password: { env: "RPC_PASSWORD" },
      },
    },
    answers: { "/": (body) => bitcoindAnswer(body) },
    figure: "148258434855481.9",
    rows: [["our-pool", "block", 1]],
    observedAt: NOW - 90_000,
  },
  one("reported-json", "/private/rate", "reported-json/custom.json", {
    config: {
      options: { hashrate: "data.rate.value", unitPath: "data.rate.unit", time: "data.now", windowSeconds: 600 },
    },
    figure: '"3,500.5"',
    rows: us(3.5005e18),
    observedAt: NOW,
    windowSeconds: 600,
  }),
  one("foundry", "/pool_stats", "foundry/pool_stats.json", {
    figure: "301250000000.5",
    rows: us(3.012500000005e20),
    windowSeconds: 3600,
  }),
  one("antpool", "/auth/v3/index/poolcoins", "antpool/poolcoins.json", {
    figure: '"181.75 EH/s"',
    rows: us(1.8175e20),
  }),
  one("viabtc", "/res/pool/BTC/state/usd/chart", "viabtc/chart.json", {
    figure: "128250000000000000000",
    rows: us(1.2825e20),
  }),
  one("binance", "/mining-api/v1/public/pool/index", "binance/index.json", {
    figure: '"23450000000000000000"',
    rows: us(2.345e19),
  }),
  one("ocean", "/v1/pool_hashrate", "ocean/pool_hashrate.json", {
    figure: '"15975000000000000.00"',
    rows: us(1.5975e16),
    windowSeconds: 300,
  }),
  one("braiins", "/stats/json/btc/", "braiins/stats.json", {
    config: { options: { token: { env: "BRAIINS_TOKEN" } } },
    figure: "16500000000.5",
    rows: us(1.65000000005e19),
    observedAt: NOW - 30_000,
    windowSeconds: 300,
  }),
  {
    type: "braiins-insights",
    config: { pools: BTC },
    answers: {
      "/api/v1.0/blocks-by-country": fixture("braiins-insights/blocks-by-country.json"),
      "/api/v1.0/hashrate-stats": fixture("braiins-insights/hashrate-stats.json"),
    },
    figure: "1040.5",
    rows: [
      ["foundry", null, (60 / 144) * 1.0405e21],
      ["antpool", null, (36 / 144) * 1.0405e21],
    ],
    windowSeconds: 86_400,
  },
  one("public-pool", "/api/pool", "public-pool/pool.json", {
    figure: "41250000000000000",
    rows: us(4.125e16),
    windowSeconds: 600,
  }),
  one("miningcore", "/api/pools", "miningcore/pools.json", {
    config: { options: { poolId: "btc1" } },
    figure: "1250000000000000",
    rows: us(1.25e15),
    windowSeconds: 600,
  }),
  one("open-ethereum-pool", "/api/stats", "open-ethereum-pool/stats.json", {
    figure: "7310000000000",
    rows: us(7.31e12),
    observedAt: NOW - 12_000,
    windowSeconds: 1800,
  }),
  one("cryptonote", "/stats", "cryptonote/stats.json", {
    figure: "210500000.5",
    rows: us(212_000_000.5),
    windowSeconds: 900,
  }),
  one("nodejs-pool", "/pool/stats", "nodejs-pool/stats.json", {
    figure: "1312500000",
    rows: us(1.3125e9),
    windowSeconds: 600,
  }),
  one("p2pool", "/pool/stats", "p2pool/stats.json", { figure: "301500000", rows: us(3.015e8), windowSeconds: 600 }),
  one("yiimp", "/api/status", "yiimp/status.json", {
    config: { options: { algorithm: "sha256" } },
    figure: '"269473938000000"',
    rows: us(2.69473938e14),
    windowSeconds: null,
  }),
  one("nomp", "/api/stats", "nomp/stats.json", {
    config: { options: { poolId: "litecoin" } },
    figure: "128073013.5",
    rows: us(128_073_013.5),
    observedAt: NOW - 20_000,
  }),
  {
    type: "regions-map",
    name: "a map",
    config: {
      options: {
        shape: "map",
        at: "result.regions",
        errorPath: "error",
        regions: { us: "US", eu: "EU", as: "AS" },
      },
    },
    answers: { "/private/rate": fixture("regions-map/map.json") },
    figure: "1250000000000000.0",
    rows: [
      ["our-pool", "US", 1.5e15],
      ["our-pool", "EU", 1.25e15],
      ["our-pool", "AS", 7.5e14],
    ],
  },
  {
    type: "regions-map",
    name: "long rows",
    config: {
      options: {
        shape: "rows",
        at: "data",
        name: "server",
        value: "hashrate",
        rowTime: "time",
        regions: { eu1: "EU", eu2: "EU", us1: "US" },
      },
    },
    answers: { "/private/rate": fixture("regions-map/rows.json") },
    figure: "2100000000000.0",
    rows: [
      ["our-pool", "EU", 1.55e12],
      ["our-pool", "US", 2.1e12],
    ],
    observedAt: NOW - 300_000,
  },
  {
    type: "regions-map",
    name: "a list with series",
    config: {
      options: {
        shape: "series",
        at: "regions",
        name: "name",
        value: "hashrate",
        points: 2,
        regions: { eu: "EU", us: "US" },
      },
    },
    answers: { "/private/rate": fixture("regions-map/series.json") },
    figure: '"1100000.5"',
    rows: [
      ["our-pool", "EU", 1_050_000.5],
      ["our-pool", "US", 2_050_000],
    ],
  },
  one("miningrigrentals", "/api/v2/rig", "miningrigrentals/one-rig.json", {
    figure: '"150.5"',
    rows: [["our-pool", "EU", 1.505e14]],
    windowSeconds: 300,
  }),
  {
    type: "blockchain-info",
    config: { pools: BTC },
    answers: {
      "/pools": fixture("blockchain-info/pools.json"),
      "/q/hashrate": fixture("blockchain-info/hashrate.txt"),
    },
    figure: "1050000000000.5",
    rows: [
      ["antpool", null, (36 / 144) * 1.0500000000005e21],
      ["foundry", null, (48 / 144) * 1.0500000000005e21],
    ],
    windowSeconds: 86_400,
  },
];

/** Types whose `url` is the whole address, not a base. */
const WHOLE_URL = new Set(["reported-json", "regions-map"]);

export function urlOf(each: AdapterCase, base: string): string {
  return WHOLE_URL.has(each.type) ? `${base}/private/rate` : base;
}

export function titleOf(each: AdapterCase): string {
  return each.name === undefined ? each.type : `${each.type}, ${each.name}`;
}

export const SECRETS = { BRAIINS_TOKEN: "sentinel-braiins-4711", RPC_PASSWORD: "sentinel-rpc-4712" };
