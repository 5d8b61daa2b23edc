/** Kazakhstan, February and March 2022: inspections shut farms one after the other, a fall over weeks. */

import { DAY_MS, MINUTE_MS } from "../../model/time-units.ts";
import type { Random } from "../world/random.ts";
import type { Scenario, Story } from "./contract.ts";
import { poolsOf } from "./pools.ts";
import { curve, wholeMinute } from "./story.ts";

/** Power that was cut off, watts, and the efficiency of the machines it fed, joules per hash: 6 to 17 EH/s. */
const CUT_WATTS = 600e6;
const JOULES_PER_HASH: readonly [number, number] = [35e-12, 100e-12];
const KAZAKHSTAN_SHARE = 0.132;
const NETWORK = 1.95e20;

function draw(random: Random): Story {
  const lost = CUT_WATTS / random.between(...JOULES_PER_HASH);
  const drop = lost / (KAZAKHSTAN_SHARE * NETWORK);
  const start = wholeMinute(Date.parse("2022-02-21T04:00:00Z") + random.between(0, 3) * DAY_MS);
  const firstWave = wholeMinute(start + random.between(4, 6) * DAY_MS);
  const end = Date.parse("2022-03-15T12:00:00Z");
  // Half to two thirds went in the first wave of inspections, the rest until the day the figures were announced.
  const early = random.between(0.5, 0.67);
  return {
    shares: {},
    curves: {
      KZ: curve([
        { at: start, alive: 1 },
        { at: firstWave, alive: 1 - drop * early },
        { at: end, alive: 1 - drop },
      ]),
    },
    events: [{ region: "KZ", start, end: null, drop, rampMinutes: (end - start) / MINUTE_MS }],
  };
}

export const crackdown2022: Scenario = {
  name: "crackdown-2022",
  label:
    "RECONSTRUCTION of the closing of Kazakh mining farms until 15 March 2022 from totals; the days within those weeks are drawn, not reported",
  sources: [
    "106 farms shut (55 of their own accord, 51 by force), 67,000 machines seized, consumption down 600 MW: Financial Monitoring Agency of Kazakhstan, 15 March 2022",
    "600 MW at 35 to 100 J/TH: about 6 to 17 EH/s",
    "Country shares: Cambridge mining map, January 2022; pool shares, height 723181, difficulty: blocks of February 2022",
  ],
  config: "bitcoin-2022",
  startsAt: Date.parse("2022-02-14T00:00:00Z"),
  servesFrom: Date.parse("2022-02-18T00:00:00Z"),
  endsAt: Date.parse("2022-03-25T00:00:00Z"),
  hashrate: NETWORK,
  chain: {
    nextHeight: 723_181,
    difficulty: 26_690_525_287_405.504,
    previousDifficulty: 26_643_185_256_535.465,
    epochStartedAt: Date.parse("2022-02-04T02:34:17Z"),
  },
  regions: {
    US: 0.378,
    CN: 0.211,
    KZ: KAZAKHSTAN_SHARE,
    CA: 0.065,
    RU: 0.047,
    EU: 0.058,
    MY: 0.025,
    IR: 0.001,
    AU: 0.003,
    OTHER: 0.08,
  },
  pools: poolsOf({
    foundryusa: 0.176,
    antpool: 0.149,
    f2pool: 0.141,
    poolin: 0.124,
    binancepool: 0.113,
    viabtc: 0.097,
    braiinspool: 0.061,
    btccom: 0.03,
    sbicrypto: 0.03,
    luxor: 0.014,
    marapool: 0.014,
    kucoinpool: 0.012,
    emcdpool: 0.01,
    okexpool: 0.004,
    "1thash": 0.003,
    ckpool: 0.0005,
    unknown: 0.0215,
  }),
  confoundersPerDay: 0.5,
  reportedFalls: [],
  draw,
};
