/** The shape of one network in the file: pools, weights, sources. Detection has a file of its own. Checks that look across keys are in resolve.ts. */

import { z } from "zod";
import { isRegionCode, OTHER_REGION } from "../../model/region.ts";
import { HOUR_MS } from "../../model/time-units.ts";
import { DEFAULT_INTERVAL, LARGEST_WEIGHT_SUM } from "./defaults.ts";
import { parseDuration } from "./durations.ts";
import { duration, fraction } from "./fields.ts";

/** Network names are parts of keys, metric labels and alert ids. */
export const NETWORK_NAME = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** Pool ids are parts of keys and metric labels. */
export const POOL_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

export const networkName = z
  .string()
  .regex(NETWORK_NAME, "a network's name is up to 32 lower-case letters, digits and hyphens, like bitcoin");

export const poolId = z
  .string()
  .regex(POOL_ID, "a pool's id is up to 64 letters, digits, dots, hyphens and underscores, like antpool");

export const regionCode = z
  .string()
  .refine(isRegionCode, "a region is an ISO 3166 code like KZ or US-TX, or a name in capitals like EU")
  .meta({ pattern: "^[A-Z][A-Z0-9]{1,15}(-[A-Z0-9]{1,3})?$" });

const DATE = "a date like 2022, 2022-01 or 2022-01-31";

const asOf = z
  .union([z.string().regex(/^\d{4}(-\d{2}(-\d{2})?)?$/, DATE), z.number().int().min(2009).max(2100)], {
    error: DATE,
  })
  .describe("when the weight was true; a year later it begins to count for less");

const weightNote = {
  asOf: asOf.optional(),
  source: z.string().min(1).max(500).describe("where the weight was published, or that it is a guess").optional(),
};

export const weight = z
  .union(
    [
      fraction,
      z.strictObject({
        weight: fraction.describe("share of the pool's hash rate, 0 to 1"),
        sd: z
          .number()
          .min(0)
          .max(1)
          .describe("absolute standard deviation of the weight; a quarter of it if absent")
          .optional(),
        ...weightNote,
      }),
    ],
    { error: "a number from 0 to 1, or {weight, sd, asOf, source}" },
  )
  .describe("a number from 0 to 1, or {weight, sd, asOf, source}");

export const regionWeights = z
  .record(regionCode, weight)
  .superRefine((regions, context) => {
    const weights = Object.values(regions).map((w) => (typeof w === "number" ? w : w.weight));
    const sum = weights.reduce((total, w) => total + w, 0);
    // A weight of 18 (percent) is a fault of its own, said beside its key.
    if (sum <= LARGEST_WEIGHT_SUM || weights.some((w) => !(w >= 0 && w <= 1))) return;
    const said = `the weights sum to ${sum.toFixed(4)}; allowed: at most 1, what they leave is ${OTHER_REGION}`;
    context.addIssue({ code: "custom", message: said, params: { said } });
  })
  .describe("share of the pool's hash rate by region; what they leave belongs to OTHER");

export const relativeSd = z
  .number({ error: "a number above 0 up to 2" })
  .gt(0, "a number above 0 up to 2")
  .max(2, "a number above 0 up to 2")
  .describe(
    "standard deviation, as a share of the weight, of weights that state none: 0.25 is published knowledge, more is a guess",
  )
  .optional();

/** The weights of one pool in a weights file; the notes hold for every weight that has none of its own. */
export const poolWeights = z.strictObject({ regions: regionWeights, relativeSd, ...weightNote });

/** A file of region weights on its own, like `config/regions.yaml`: section (a network's name) -> pool -> weights. */
export const WeightsFile = z.record(networkName, z.record(poolId, poolWeights));

export const weightsReference = z
  .union(
    [
      z.string().min(1),
      z.strictObject({
        file: z.string().min(1),
        section: networkName.describe("the section of the file, where it is not the network's own name"),
      }),
    ],
    { error: "a file name, or {file, section}" },
  )
  .describe("a file of region weights, relative to this one; weights of a pool that stand here win")
  .optional();

export const interval = duration({ atLeast: "10s", atMost: "1h" })
  .refine(
    (text) => HOUR_MS % (parseDuration(text) ?? HOUR_MS) === 0,
    "what divides an hour, like 1m, 2m, 5m, 10m, 15m, 20m, 30m or 1h",
  )
  .describe("sampling and detection tick; divides an hour")
  .default(DEFAULT_INTERVAL);
