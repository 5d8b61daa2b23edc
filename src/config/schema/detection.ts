/** How one network is watched: when a fall opens an alert, when the alert names its region, how grave it is, when it ends. */
import { z } from "zod";
import {
  DEFAULT_DAILY_HABIT,
  DEFAULT_LEVEL_CHECK,
  DEFAULT_MARGIN,
  DEFAULT_NAME_PROBABILITY,
  DEFAULT_PATIENCE_SECONDS,
  DEFAULT_RAISE_AFTER_SECONDS,
} from "../../model/detection-defaults.ts";
import {
  DEFAULT_CRITICAL_SHARE,
  DEFAULT_FALSE_ALARMS_PER_MONTH,
  DEFAULT_LEARN_WEIGHTS,
  DEFAULT_MIN_PROBABILITY,
  DEFAULT_NEW_REGIME_AFTER,
  DEFAULT_WARNING_SHARE,
  DEFAULT_WITNESSES,
} from "./defaults.ts";
import { formatDuration } from "./durations.ts";
import { duration, fraction } from "./fields.ts";
import { regionCode } from "./network.ts";

const severity = z
  .strictObject({
    criticalShare: fraction
      .describe("an alert that loses at least this share of the network opens as critical")
      .default(DEFAULT_CRITICAL_SHARE),
    warningShare: fraction
      .describe("from this share on it opens as a warning; below, as info")
      .default(DEFAULT_WARNING_SHARE),
    minProbability: fraction
      .describe("an alert less probable than this opens one step lower")
      .default(DEFAULT_MIN_PROBABILITY),
    raiseAfter: duration({ atLeast: "10m", atMost: "30d" })
      .describe(
        "an alert that is open for this long is raised by one step, 10m to 30d: by then it is no incident any more",
      )
      .default(formatDuration(DEFAULT_RAISE_AFTER_SECONDS * 1000)),
  })
  .prefault({});

const NATS = "a number of nats from 0 to 20";
const nats = z.number({ error: NATS }).min(0, NATS).max(20, NATS);

const margin = z
  .strictObject({
    fast: nats
      .describe(
        "how far a region's fall within hours must beat all other explanations together, in nats, 0 to 20: 2 are odds of 7 to 1",
      )
      .default(DEFAULT_MARGIN.fast),
    slow: nats
      .describe("the same for a fall over days, which leaves time to be surer: 3 are odds of 20 to 1")
      .default(DEFAULT_MARGIN.slow),
  })
  .prefault({});

const patience = z
  .strictObject({
    fast: duration({ atLeast: "0s", atMost: "6h" })
      .describe(
        "how long a fall within hours waits to be told while no region can be named, 0s to 6h: most become clear by then, and those that do not were seldom falls",
      )
      .default(formatDuration(DEFAULT_PATIENCE_SECONDS.fast * 1000)),
    slow: duration({ atLeast: "6h", atMost: "14d" })
      .describe("the same for a fall over days, 6h to 14d; it is looked for every six hours")
      .default(formatDuration(DEFAULT_PATIENCE_SECONDS.slow * 1000)),
  })
  .prefault({});

const dailyHabit = z
  .strictObject({
    withhold: z
      .boolean()
      .describe("whether a fall that a region shows day after day at the same hour (curtailment) opens no alert")
      .default(DEFAULT_DAILY_HABIT.withhold),
    ofLastThree: z
      .number()
      .int()
      .min(1, "a number of days from 1 to 3")
      .max(3, "a number of days from 1 to 3")
      .describe("on how many of the last three days the fall makes a habit, 1 to 3: fewer are no habit yet")
      .default(DEFAULT_DAILY_HABIT.ofLastThree),
    ofLastSeven: z
      .number()
      .int()
      .min(1, "a number of days from 1 to 7")
      .max(7, "a number of days from 1 to 7")
      .describe("or on how many of the last seven, one of the last three among them, 1 to 7: prices spare some days")
      .default(DEFAULT_DAILY_HABIT.ofLastSeven),
  })
  .prefault({});

export const detection = z
  .strictObject({
    falseAlarmsPerMonth: z
      .number()
      .gt(0)
      .max(100)
      .describe("the budget: expected false regional alerts of this network in 30 days; the threshold follows from it")
      .default(DEFAULT_FALSE_ALARMS_PER_MONTH),
    newRegimeAfter: duration({ atLeast: "1h", atMost: "365d" })
      .describe("a fall that has lasted this long is the new normal: its alert closes with `new-regime`")
      .default(DEFAULT_NEW_REGIME_AFTER),
    witnesses: z
      .enum(["evidence", "explain"])
      .describe("whether witnesses weigh in the score of what figures show, or only explain alerts")
      .default(DEFAULT_WITNESSES),
    learnWeights: z
      .boolean()
      .describe("whether falls that a witness verified or a person confirmed teach the weights of their region")
      .default(DEFAULT_LEARN_WEIGHTS),
    cutOffShare: z
      .record(regionCode, z.number().min(0).max(1))
      .describe(
        "share of a region's falls in which it loses its internet, 0 to 1; absent: 0.5, of Russia, China, India and Brazil 0.2, of countries with many networks 0.05",
      )
      .optional(),
    nameProbability: z
      .number()
      .min(0.5, "a probability from 0.5 to 0.999")
      .max(0.999, "a probability from 0.5 to 0.999")
      .describe(
        "probability from which an alert names its region, 0.5 to 0.999; below, it lists candidates. At 0.8 one name in five may be wrong at worst",
      )
      .default(DEFAULT_NAME_PROBABILITY),
    margin,
    patience,
    levelCheck: z
      .number()
      .min(0, "a number from 0 to 0.9")
      .max(0.9, "a number from 0 to 0.9")
      .describe(
        "part of a fall that the pools' levels must show some steps after its onset, 0 (never asked) to 0.9: a slow drift that looks like a fall shows less",
      )
      .default(DEFAULT_LEVEL_CHECK),
    dailyHabit,
    severity,
  })
  .prefault({});
