/** The `detection` section of a network as the detector is handed it. */
import { isDeepStrictEqual } from "node:util";
import type { DetectionSettings } from "../../detect/contract.ts";
import {
  DEFAULT_DAILY_HABIT,
  DEFAULT_LEVEL_CHECK,
  DEFAULT_MARGIN,
  DEFAULT_NAME_PROBABILITY,
  DEFAULT_PATIENCE_SECONDS,
  DEFAULT_RAISE_AFTER_SECONDS,
} from "../../model/detection-defaults.ts";
import type { NetworkFile } from "../schema/config-file.ts";
import { DEFAULT_LEARN_WEIGHTS } from "../schema/defaults.ts";
import { milliseconds } from "../schema/durations.ts";

const seconds = (text: string): number => milliseconds(text) / 1000;

/** A setting that has its default is left out. So the hash of a configuration stays the same when a release adds a setting. */
function unlessDefault<K extends string, V>(key: K, value: V, usual: V): Partial<Record<K, V>> {
  return isDeepStrictEqual(value, usual) ? {} : ({ [key]: value } as Record<K, V>);
}

export function detectionSettings(section: NetworkFile["detection"]): DetectionSettings {
  const { nameProbability, margin, patience, levelCheck, dailyHabit, severity } = section;
  const { raiseAfter, ...shares } = severity;
  const patienceSeconds = { fast: seconds(patience.fast), slow: seconds(patience.slow) };
  return {
    falseAlarmsPerMonth: section.falseAlarmsPerMonth,
    newRegimeAfterSeconds: seconds(section.newRegimeAfter),
    witnesses: section.witnesses,
    ...unlessDefault("learnWeights", section.learnWeights, DEFAULT_LEARN_WEIGHTS),
    ...(section.cutOffShare === undefined ? {} : { cutOffShare: section.cutOffShare }),
    ...unlessDefault("nameProbability", nameProbability, DEFAULT_NAME_PROBABILITY),
    ...unlessDefault("margin", margin, DEFAULT_MARGIN),
    ...unlessDefault("patienceSeconds", patienceSeconds, DEFAULT_PATIENCE_SECONDS),
    ...unlessDefault("levelCheck", levelCheck, DEFAULT_LEVEL_CHECK),
    ...unlessDefault("dailyHabit", dailyHabit, DEFAULT_DAILY_HABIT),
    severity: {
      ...shares,
      ...unlessDefault("raiseAfterSeconds", seconds(raiseAfter), DEFAULT_RAISE_AFTER_SECONDS),
    },
  };
}
