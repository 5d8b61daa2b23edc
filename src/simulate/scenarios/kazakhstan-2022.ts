/**
 * Kazakhstan, January 2022: a nationwide internet shutdown in the country with the second largest share of Bitcoin's
 * hash rate. What was reported is rebuilt; what was not (minutes, compositions, the hours of the brief restorations) is
 * drawn per seed.
 */

import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../model/time-units.ts";
import type { Random } from "../world/random.ts";
import type { Corner, Scenario, Story } from "./contract.ts";
import { poolsOf } from "./pools.ts";
import { curve, shareForFall, wholeMinute } from "./story.ts";

const SHUTDOWN = Date.parse("2022-01-05T10:30:00Z");
const RETURN_DAY = Date.parse("2022-01-10T00:00:00Z");

/** Falls over half a day on 5 January as printed from pool figures. */
const REPORTED: Readonly<Record<string, number>> = {
  "1thash": 0.82,
  okexpool: 0.463,
  kucoinpool: 0.227,
  viabtc: 0.192,
  f2pool: 0.128,
  antpool: 0.116,
};
/** Reported as "over 10 % each"; how far over is drawn so that the majors together lose 11 to 14 %. */
const OVER_TEN_PERCENT = ["poolin", "binancepool", "btccom"];

function draw(random: Random): Story {
  const drop = random.between(0.83, 0.93);
  const rampMinutes = Math.round(random.between(15, 45));
  const down = SHUTDOWN + rampMinutes * MINUTE_MS;
  const shares: Record<string, Record<string, number>> = {};
  for (const [pool, fall] of Object.entries(REPORTED)) shares[pool] = { KZ: shareForFall(fall, drop) };
  for (const pool of OVER_TEN_PERCENT) shares[pool] = { KZ: shareForFall(random.between(0.13, 0.18), drop) };
  const corners: Corner[] = [
    { at: SHUTDOWN, alive: 1 },
    { at: down, alive: 1 - drop },
  ];
  // Brief restorations were reported, their hours and reach were not: one a day, of an hour or three, for some farms.
  for (let day = 1; day <= 4; day++) {
    const from = wholeMinute(SHUTDOWN + day * DAY_MS + random.between(0, 8) * HOUR_MS);
    const back = wholeMinute(from + 20 * MINUTE_MS);
    const until = wholeMinute(back + random.between(0.7, 2.5) * HOUR_MS);
    const reach = 1 - drop * random.between(0.4, 0.8);
    corners.push(
      { at: from, alive: 1 - drop },
      { at: back, alive: reach },
      { at: until, alive: reach },
      { at: until + 20 * MINUTE_MS, alive: 1 - drop },
    );
  }
  const returns = wholeMinute(RETURN_DAY + random.between(0, 4) * HOUR_MS);
  const returned = wholeMinute(returns + random.between(4, 8) * HOUR_MS);
  // 2 % of the majors' hash rate was still missing on 10 January; they had lost about 11.5 %.
  corners.push({ at: returns, alive: 1 - drop }, { at: returned, alive: 1 - drop * (0.02 / 0.115) });
  return {
    shares,
    curves: { KZ: curve(corners) },
    events: [{ region: "KZ", start: SHUTDOWN, end: returned, drop, rampMinutes }],
  };
}

const BEFORE = [SHUTDOWN - 12 * HOUR_MS, SHUTDOWN] as const;
const AFTER = [SHUTDOWN + 2 * HOUR_MS, SHUTDOWN + 12 * HOUR_MS] as const;

export const kazakhstan2022: Scenario = {
  name: "kazakhstan-2022",
  label:
    "RECONSTRUCTION of Kazakhstan's internet shutdown of January 2022 from reported figures; no pool-by-minute series of those days is public",
  sources: [
    "Shutdown from 2022-01-05 10:30 UTC: Cloudflare; 10:45: Kentik; about 12:00: NetBlocks; service back on 10 January",
    "Falls over half a day, from pool figures: The Block, 2022-01-05 (1THash 82 %, OKExPool 46.3 %, KuCoinPool 22.7 %, ViaBTC 19.2 %, F2Pool 12.8 %, AntPool 11.6 %)",
    "AntPool, F2Pool, Poolin and Binance each over 10 %, top pools together 10 to 14 %: CoinDesk 2022-01-06, Reuters 2022-01-06 (BTC.com)",
    "2.2 % still missing on 10 January: BTC.com by Coinspeaker",
    "Country shares: Cambridge mining map, January 2022 (published in May 2022): truth of this world, never shown to the detector",
    "Pool shares, height 716980, difficulty: blocks of 1 to 5 January 2022",
  ],
  config: "bitcoin-2022",
  startsAt: Date.parse("2022-01-03T08:00:00Z"),
  servesFrom: Date.parse("2022-01-05T08:00:00Z"),
  endsAt: Date.parse("2022-01-12T00:00:00Z"),
  hashrate: 1.75e20,
  chain: {
    nextHeight: 716_980,
    difficulty: 24_272_331_996_979.97,
    previousDifficulty: 24_195_286_980_613.617,
    epochStartedAt: Date.parse("2021-12-25T09:03:19Z"),
  },
  regions: {
    US: 0.378,
    CN: 0.211,
    KZ: 0.132,
    CA: 0.065,
    RU: 0.047,
    EU: 0.058,
    MY: 0.025,
    IR: 0.001,
    AU: 0.003,
    OTHER: 0.08,
  },
  pools: poolsOf({
    foundryusa: 0.17,
    antpool: 0.16,
    f2pool: 0.152,
    binancepool: 0.125,
    poolin: 0.115,
    viabtc: 0.108,
    braiinspool: 0.058,
    btccom: 0.03,
    sbicrypto: 0.026,
    luxor: 0.014,
    kucoinpool: 0.012,
    emcdpool: 0.01,
    okexpool: 0.006,
    "1thash": 0.006,
    marapool: 0.006,
    ckpool: 0.0005,
    unknown: 0.0015,
  }),
  cutOff: ["KZ"],
  confoundersPerDay: 0.5,
  reportedFalls: Object.entries(REPORTED).map(([pool, fall]) => ({
    pool,
    fall,
    before: BEFORE,
    after: AFTER,
    source: "The Block, 2022-01-05",
  })),
  draw,
};
