/** Three weeks in which no region falls: what a detector must stay silent on. */

import type { Scenario } from "./contract.ts";
import { crackdown2022 } from "./crackdown-2022.ts";

export const calm: Scenario = {
  ...crackdown2022,
  name: "calm",
  label: "SYNTHETIC: three weeks with pools' own troubles and no regional fall; sizes as of February 2022",
  sources: [
    "Country shares: Cambridge mining map, January 2022; pool shares, height 721412, difficulty: blocks of February 2022",
  ],
  startsAt: Date.parse("2022-02-02T00:00:00Z"),
  servesFrom: Date.parse("2022-02-04T00:00:00Z"),
  endsAt: Date.parse("2022-02-23T00:00:00Z"),
  hashrate: 1.9e20,
  chain: {
    nextHeight: 721_412,
    difficulty: 26_643_185_256_535.465,
    previousDifficulty: 24_371_874_614_345.62,
    epochStartedAt: Date.parse("2022-01-21T03:08:10Z"),
  },
  draw: () => ({ shares: {}, curves: {}, events: [] }),
};
