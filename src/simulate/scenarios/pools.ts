/**
 * The pools of 2021 and 2022: names, ids, windows and leanings that all scenarios share. Leanings are part of the
 * simulated TRUTH; what a detector is told stands in config/demo.
 */
import type { PoolApi, PoolFigure, PoolSpec } from "./contract.ts";

interface Known {
  readonly name: string;
  readonly uniqueId: number;
  readonly slug?: string;
  readonly api?: PoolApi;
  readonly figure?: PoolFigure;
  readonly lean?: Readonly<Record<string, number>>;
}

const HOUR: PoolFigure = { kind: "sliding", seconds: 3_600, refreshSeconds: 60 };
const HOUR_COARSE: PoolFigure = { kind: "sliding", seconds: 3_600, refreshSeconds: 300 };
const TEN_MINUTES: PoolFigure = { kind: "sliding", seconds: 600, refreshSeconds: 60 };
const QUARTER: PoolFigure = { kind: "sliding", seconds: 900, refreshSeconds: 60 };

/** A region as a whole and the provinces that scenarios of 2021 split it into. */
function china(lean: number): Readonly<Record<string, number>> {
  return { CN: lean, "CN-XJ": lean, "CN-SC": lean, "CN-NM": lean, "CN-YN": lean };
}

/** North America almost alone. */
const AMERICAN = { ...china(0.01), US: 12, CA: 4, KZ: 0.05, RU: 0.02, MY: 0.05, IR: 0, EU: 0.1 };
const CHINESE = { US: 0.15, CA: 0.2, EU: 0.2 };

const KNOWN: Readonly<Record<string, Known>> = {
  foundryusa: { name: "Foundry USA", uniqueId: 111, api: "foundry", figure: HOUR, lean: AMERICAN },
  antpool: {
    name: "AntPool",
    uniqueId: 44,
    api: "antpool",
    figure: { kind: "sliding", seconds: 1_800, refreshSeconds: 60 },
    lean: { US: 0.8 },
  },
  f2pool: { name: "F2Pool", uniqueId: 36, api: "reported", figure: QUARTER, lean: { US: 0.7 } },
  binancepool: {
    name: "Binance Pool",
    uniqueId: 105,
    api: "binance",
    figure: QUARTER,
    lean: { US: 0.7 },
  },
  poolin: {
    name: "Poolin",
    uniqueId: 94,
    api: "reported",
    figure: { kind: "sliding", seconds: 300, refreshSeconds: 60 },
    lean: { US: 0.7 },
  },
  viabtc: { name: "ViaBTC", uniqueId: 73, api: "viabtc", figure: HOUR_COARSE, lean: { US: 0.7 } },
  btccom: { name: "BTC.com", uniqueId: 6, api: "reported", figure: QUARTER, lean: { US: 0.7 } },
  braiinspool: {
    name: "SlushPool",
    uniqueId: 43,
    api: "reported",
    figure: HOUR,
    lean: { ...china(0.1), EU: 4, CA: 1.5, US: 0.8, KZ: 0.3, IR: 0.2, MY: 0.3 },
  },
  luxor: { name: "Luxor", uniqueId: 4, api: "reported", figure: HOUR, lean: AMERICAN },
  marapool: { name: "MARA Pool", uniqueId: 115, lean: { ...AMERICAN, CA: 0 } },
  sbicrypto: {
    name: "SBI Crypto",
    uniqueId: 112,
    api: "miningcore",
    figure: TEN_MINUTES,
    lean: { ...china(0.2), RU: 6, EU: 0.5 },
  },
  emcdpool: {
    name: "EMCDPool",
    uniqueId: 110,
    api: "miningcore",
    figure: TEN_MINUTES,
    lean: { ...china(0.1), RU: 10, KZ: 1.2, US: 0.1 },
  },
  kucoinpool: { name: "KuCoinPool", uniqueId: 116, api: "reported", figure: HOUR, lean: { US: 0.3 } },
  okexpool: { name: "OKExPool", uniqueId: 68, api: "reported", figure: HOUR_COARSE, lean: CHINESE },
  "1thash": { name: "1THash", uniqueId: 5, api: "reported", figure: HOUR_COARSE, lean: CHINESE },
  huobipool: { name: "Huobi.pool", uniqueId: 8, api: "reported", figure: HOUR, lean: CHINESE },
  btctop: { name: "BTC.TOP", uniqueId: 11, api: "reported", figure: HOUR_COARSE, lean: CHINESE },
  bitdeer: { name: "Bitdeer", uniqueId: 0, lean: { US: 2 } },
  ckpool: {
    name: "Solo CK",
    slug: "solock",
    uniqueId: 49,
    api: "ckpool",
    figure: { kind: "servers", seconds: 300, refreshSeconds: 60 },
    lean: { ...china(0), EU: 4, AU: 40, CA: 0, KZ: 0, RU: 0, MY: 0, IR: 0, OTHER: 0 },
  },
  unknown: { name: "Unknown", uniqueId: 0 },
};

/** Pool specs from shares of the network, in the order given. Throws for a pool that is not known here. */
export function poolsOf(shares: Readonly<Record<string, number>>): readonly PoolSpec[] {
  return Object.entries(shares).map(([id, share]) => {
    const known = KNOWN[id];
    if (known === undefined) throw new RangeError(`pool ${id} is not known to the simulator`);
    return { id, share, ...known, slug: known.slug ?? id };
  });
}
