/** The shapes in which pools publish their own figure. Rates come in as H/s and leave in each API's own unit. */
import type { PoolSpec } from "../scenarios/contract.ts";
import { CKPOOL_WINDOWS, type CkpoolWindow, type Reading, type ServerFigures } from "../world/figures.ts";

/** Foundry `/pool_stats`: GH/s. */
export function foundry(reading: Reading): unknown {
  const gigahashes = Number((reading.hashrate / 1e9).toPrecision(6));
  return { hashrate1hrAvg: gigahashes, hashrate24hrAvg: gigahashes };
}

/** AntPool `/auth/v3/index/poolcoins`: text with its unit, and other coins before the one that is asked for. */
export function antpool(reading: Reading): unknown {
  const item = (coinType: string, algorithm: string, poolHashrate: string) => ({
    coinType,
    algorithm,
    poolHashrate,
    coinCoefficient: "1",
  });
  return {
    code: "000000",
    msg: "ok",
    data: {
      items: [
        item("LTC", "SCRYPT", "112.4 TH/s"),
        item("BTC", "SHA256d", `${Number((reading.hashrate / 1e18).toPrecision(6))} EH/s`),
      ],
    },
  };
}

/** ViaBTC `/res/pool/BTC/state/usd/chart`: a series in H/s whose last element is the present. */
export function viabtc(reading: Reading): unknown {
  const now = Math.round(Number(reading.hashrate.toPrecision(6)));
  return { code: 0, message: "OK", data: { viabtc_hash: [now, now, now] } };
}

/** Binance `/mining-api/v1/public/pool/index`: H/s as text. */
export function binance(reading: Reading): unknown {
  const poolHash = BigInt(Math.round(Number(reading.hashrate.toPrecision(6)))).toString();
  return {
    code: 0,
    msg: "",
    data: {
      algoList: [
        { algoName: "scrypt", poolHash: "1120000000000", effectiveCount: 900, symbolInfos: [] },
        { algoName: "sha256", poolHash, effectiveCount: 150_000, symbolInfos: [{ symbol: "BTC" }] },
      ],
    },
  };
}

/** A pool without an API of its own, in the simplest shape: H/s, and the unix second at which it was counted. */
export function reported(pool: PoolSpec, reading: Reading): unknown {
  return {
    pool: pool.id,
    hashrate: Number(reading.hashrate.toPrecision(6)),
    updated: Math.round(reading.at / 1000),
  };
}

/** miningcore `/api/pools`: all its pools in one body, without any time. */
export function miningcore(
  pools: readonly { readonly pool: PoolSpec; readonly reading: Reading }[],
  network: { readonly hashrate: number; readonly difficulty: number; readonly height: number },
): unknown {
  return {
    pools: pools.map(({ pool, reading }) => ({
      id: pool.id,
      coin: { type: "BTC", name: "Bitcoin", symbol: "BTC", algorithm: "SHA256" },
      poolFeePercent: 1,
      poolStats: {
        connectedMiners: Math.max(1, Math.round(reading.hashrate / 2e15)),
        poolHashrate: Number(reading.hashrate.toPrecision(6)),
        sharesPerSecond: 12.5,
      },
      networkStats: {
        networkHashrate: network.hashrate,
        networkDifficulty: network.difficulty,
        blockHeight: network.height,
        connectedPeers: 8,
      },
    })),
  };
}

/** A map from region to H/s under a total, as pools with one server per region have published it; its time in unix seconds. */
export function regionsMap(byRegion: ReadonlyMap<string, number>, at: number): unknown {
  const regions = Object.fromEntries([...byRegion].map(([region, rate]) => [region.toLowerCase(), Math.round(rate)]));
  const total = [...byRegion.values()].reduce((sum, rate) => sum + rate, 0);
  return { error: null, result: { updated: Math.round(at / 1000), total: Math.round(total), regions } };
}

const SUFFIXES = ["", "K", "M", "G", "T", "P", "E", "Z"];

/** ckpool's way to print a rate: three digits and a decimal suffix, `0` alone when there is nothing. */
export function suffixString(rate: number): string {
  if (rate < 1) return "0";
  const step = Math.min(SUFFIXES.length - 1, Math.floor(Math.log10(rate) / 3));
  // As C's %.3g: "1.48", "885", and "1e+03" when rounding reaches a thousand.
  const digits = Number((rate / 1000 ** step).toPrecision(3));
  return `${digits >= 1000 ? digits.toExponential().replace("e+3", "e+03") : digits}${SUFFIXES[step]}`;
}

/** ckpool `/pool/pool.status`: three JSON documents, one a line. */
export function ckpoolStatus(figures: ServerFigures, at: number, startedAt: number): string {
  const workers = Math.max(1, Math.round(figures.hashrate1hr / 5e13));
  const names = Object.keys(CKPOOL_WINDOWS) as CkpoolWindow[];
  const lines = [
    {
      runtime: Math.round((at - startedAt) / 1000) + 86_400,
      lastupdate: Math.round(at / 1000),
      Users: Math.ceil(workers / 18),
      Workers: workers,
      Idle: Math.round(workers / 10),
      Disconnected: 0,
    },
    Object.fromEntries(names.map((name) => [name, suffixString(figures[name])])),
    {
      diff: 0.0,
      accepted: 5_784_732_259,
      rejected: 345_210_059,
      bestshare: 15_211_409_842,
      SPS1m: 0.236,
      SPS5m: 0.248,
      SPS15m: 0.234,
      SPS1h: 0.225,
    },
  ];
  return `${lines.map((line) => JSON.stringify(line)).join("\n")}\n`;
}
