/** Every region's estimate at the newest tick, with totals for countries whose subdivisions are configured. */
import { z } from "zod";
import { regionCovers } from "../../../model/region.ts";
import { rollUpsOf } from "../../../model/roll-up.ts";
import { isoTime } from "../../../model/tick.ts";
import { type StateChannel, time } from "./channel.ts";

const detectableDrop = z.number().min(0).max(1).nullable();
const DetectableDrops = z.object({
  listed: detectableDrop.describe("an alert would list or name the region; null: not even all of it would show"),
  named: detectableDrop.describe("an alert would name the region; null: not even all of it would be named"),
});

export const RegionFigures = z.object({
  region: z.string(),
  hashrate: z.number().optional().describe("H/s; absent when unknown"),
  expected: z.number().optional().describe("H/s; absent when unknown"),
  drop: z.number().min(0).max(1).optional(),
  score: z.number().optional(),
  detectable: z
    .object({ hour: DetectableDrops, day: DetectableDrops })
    .optional()
    .describe("the smallest falls that would be told within an hour and a day with the pools that report now"),
  rollUp: z
    .literal(true)
    .optional()
    .describe("a country whose subdivisions are the regions: the sum over them, never to be added to them; no score"),
  of: z.array(z.string()).optional().describe("the regions that a roll-up sums"),
});

const Regions = z.object({
  type: z.literal("regions"),
  network: z.string(),
  at: time.describe("the tick, in data time"),
  regions: z.array(RegionFigures),
});

export const regions = {
  kind: "state",
  name: "regions",
  fields: {},
  examples: [{}],
  changesWith: "view",
  messages: {
    regions: {
      schema: Regions,
      summary: "Regions as estimated at a tick.",
      examples: [
        { type: "regions", network: "bitcoin", at: "2022-01-05T10:50:00Z", regions: [{ region: "KZ", drop: 0.7 }] },
      ],
    },
  },
  message({ network, view }, filter) {
    if (view === undefined) return null;
    const estimates = view.regions.map(({ region, hashrate, expected, drop, score, detectable }) => ({
      region,
      hashrate,
      expected,
      drop,
      score,
      detectable,
    }));
    return {
      type: "regions",
      network,
      at: isoTime(view.at),
      regions: [...estimates, ...rollUpsOf(view.regions)].filter(
        ({ region }) => !filter.regions || filter.regions.some((wanted) => regionCovers(wanted, region)),
      ),
    };
  },
} as const satisfies StateChannel;
