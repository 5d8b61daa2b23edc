/**
 * China, April to July 2021: Xinjiang's grid is cut and comes back, then province after province is ordered to stop, and
 * stays stopped. Half of the world's hash rate is gone by July.
 */

import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../model/time-units.ts";
import type { Random } from "../world/random.ts";
import type { Scenario, Story } from "./contract.ts";
import { poolsOf } from "./pools.ts";
import { curve, shareForFall, wholeMinute } from "./story.ts";

const XINJIANG_FALL = Date.parse("2021-04-15T18:00:00Z");
const ZHUNDONG_ORDER = Date.parse("2021-06-09T06:00:00Z");
/** Midnight of 20 June in Sichuan. */
const SICHUAN_ORDER = Date.parse("2021-06-19T16:00:00Z");
const INNER_MONGOLIA = [Date.parse("2021-05-25T00:00:00Z"), Date.parse("2021-07-01T00:00:00Z")] as const;
const YUNNAN = [Date.parse("2021-06-12T00:00:00Z"), Date.parse("2021-07-10T00:00:00Z")] as const;

const XINJIANG_REPORTED = { antpool: 0.245, btccom: 0.189, poolin: 0.33, binancepool: 0.2 };
/** Not printed by anybody; ranges from block counts of 16 to 18 April against the week before. */
const XINJIANG_BY_BLOCKS = {
  f2pool: [0.08, 0.13],
  viabtc: [0.08, 0.18],
  "1thash": [0.35, 0.55],
  huobipool: [0.55, 0.72],
  btctop: [0.1, 0.25],
} as const;
const SICHUAN_REPORTED: Readonly<Record<string, number>> = { antpool: 0.14, huobipool: 0.3679, btctop: 0.5139 };
/** Shares in the two other provinces of the pools whose Sichuan fall is known: a guess that fixes what was left by June. */
const OTHER_PROVINCES = { "CN-NM": 0.04, "CN-YN": 0.04 };

function draw(random: Random): Story {
  const drop = random.between(0.86, 0.95);
  const start = wholeMinute(XINJIANG_FALL + random.between(0, 3) * HOUR_MS);
  const rampMinutes = Math.round(random.between(180, 420));
  const down = start + rampMinutes * MINUTE_MS;
  const back = wholeMinute(Date.parse("2021-04-21T00:00:00Z") + random.between(0, 2) * DAY_MS);
  const again = Date.parse("2021-05-01T00:00:00Z");
  const lastRamp = Math.round(random.between(8, 20) * 60);
  const gone = ZHUNDONG_ORDER + lastRamp * MINUTE_MS;
  const sichuanRamp = Math.round(random.between(5, 12) * 60);
  const shares: Record<string, Record<string, number>> = {};
  for (const [pool, fall] of Object.entries(XINJIANG_REPORTED)) shares[pool] = { "CN-XJ": shareForFall(fall, drop) };
  for (const [pool, [low, high]] of Object.entries(XINJIANG_BY_BLOCKS)) {
    shares[pool] = { "CN-XJ": shareForFall(random.between(low, high), drop) };
  }
  for (const [pool, fall] of Object.entries(SICHUAN_REPORTED)) {
    const xinjiang = shares[pool]?.["CN-XJ"] ?? 0;
    // By 20 June Xinjiang is down to 7 %, Inner Mongolia to 38 %, Yunnan to 76 % of what they were.
    const remaining = 1 - xinjiang * 0.93 - OTHER_PROVINCES["CN-NM"] * 0.62 - OTHER_PROVINCES["CN-YN"] * 0.24;
    shares[pool] = { ...shares[pool], ...OTHER_PROVINCES, "CN-SC": shareForFall(fall, 0.95, remaining) };
  }
  return {
    shares,
    curves: {
      "CN-XJ": curve([
        { at: start, alive: 1 },
        { at: down, alive: 1 - drop },
        { at: back, alive: 1 - drop },
        { at: again, alive: 0.97 },
        { at: ZHUNDONG_ORDER, alive: 0.97 },
        { at: gone, alive: 0.07 },
      ]),
      "CN-SC": [
        { at: SICHUAN_ORDER, alive: 1 },
        { at: SICHUAN_ORDER + sichuanRamp * MINUTE_MS, alive: 0.05 },
      ],
      "CN-NM": [
        { at: INNER_MONGOLIA[0], alive: 1 },
        { at: INNER_MONGOLIA[1], alive: 0.08 },
      ],
      "CN-YN": [
        { at: YUNNAN[0], alive: 1 },
        { at: YUNNAN[1], alive: 0.08 },
      ],
    },
    events: [
      { region: "CN-XJ", start, end: again, drop, rampMinutes },
      slow("CN-NM", INNER_MONGOLIA),
      { region: "CN-XJ", start: ZHUNDONG_ORDER, end: null, drop: 1 - 0.07 / 0.97, rampMinutes: lastRamp },
      slow("CN-YN", YUNNAN),
      { region: "CN-SC", start: SICHUAN_ORDER, end: null, drop: 0.95, rampMinutes: sichuanRamp },
    ],
  };
}

function slow(region: string, [start, until]: readonly [number, number]) {
  return { region, start, end: null, drop: 0.92, rampMinutes: (until - start) / MINUTE_MS };
}

export const china2021: Scenario = {
  name: "china-2021",
  label:
    "RECONSTRUCTION of the falls of Xinjiang (16 April 2021) and Sichuan (20 June 2021) from reported figures; hours, compositions and the other provinces are drawn",
  sources: [
    "16 April, 24 hours (AntPool 24.5 %, BTC.com 18.9 %, Poolin 33 %, Binance 20 %): Wu Blockchain; top seven 16.5 %: CoinDesk 2021-04-16",
    "9 June, order for the Zhundong zone: The Block 2021-06-09",
    "20 June, 24 hours (BTC.TOP 51.39 %, AntPool 14 %, network 16.9 %): BTC.com; Huobi 36.79 % on 19 June",
    "Country shares of April 2021: Cambridge mining map; shares of provinces: rough, from these falls (truth of this world, never shown to the detector)",
    "Pool shares, height 678974, difficulty: blocks of April 2021",
  ],
  config: "bitcoin-2021",
  startsAt: Date.parse("2021-04-13T00:00:00Z"),
  servesFrom: Date.parse("2021-04-15T15:00:00Z"),
  endsAt: Date.parse("2021-07-20T00:00:00Z"),
  hashrate: 1.67e20,
  chain: {
    nextHeight: 678_974,
    difficulty: 23_137_439_666_472.05,
    previousDifficulty: 21_865_558_044_610.547,
    epochStartedAt: Date.parse("2021-04-02T02:00:01Z"),
  },
  regions: {
    "CN-XJ": 0.19,
    "CN-SC": 0.15,
    "CN-NM": 0.06,
    "CN-YN": 0.06,
    US: 0.168,
    KZ: 0.082,
    RU: 0.068,
    CA: 0.03,
    EU: 0.051,
    MY: 0.034,
    IR: 0.046,
    AU: 0.003,
    OTHER: 0.058,
  },
  pools: poolsOf({
    f2pool: 0.154,
    poolin: 0.149,
    antpool: 0.131,
    binancepool: 0.108,
    viabtc: 0.095,
    btccom: 0.086,
    huobipool: 0.065,
    "1thash": 0.039,
    braiinspool: 0.033,
    btctop: 0.025,
    foundryusa: 0.023,
    bitdeer: 0.014,
    okexpool: 0.013,
    sbicrypto: 0.0045,
    emcdpool: 0.0045,
    ckpool: 0.0005,
    unknown: 0.055,
  }),
  confoundersPerDay: 0.5,
  reportedFalls: [
    ...Object.entries(XINJIANG_REPORTED).map(([pool, fall]) => ({
      pool,
      fall,
      before: [XINJIANG_FALL - DAY_MS, XINJIANG_FALL] as const,
      after: [XINJIANG_FALL + 11 * HOUR_MS, XINJIANG_FALL + 35 * HOUR_MS] as const,
      source: "Wu Blockchain, 2021-04-16",
    })),
    ...Object.entries(SICHUAN_REPORTED).map(([pool, fall]) => ({
      pool,
      fall,
      before: [SICHUAN_ORDER - DAY_MS, SICHUAN_ORDER] as const,
      after: [SICHUAN_ORDER + 14 * HOUR_MS, SICHUAN_ORDER + 38 * HOUR_MS] as const,
      source: pool === "huobipool" ? "press of 19 June 2021" : "BTC.com, 2021-06-21",
    })),
  ],
  draw,
};
