/** The detector's settings with every default filled in. */
import {
  type DailyHabit,
  DEFAULT_DAILY_HABIT,
  DEFAULT_LEVEL_CHECK,
  DEFAULT_MARGIN,
  DEFAULT_NAME_PROBABILITY,
  DEFAULT_PATIENCE_SECONDS,
  DEFAULT_RAISE_AFTER_SECONDS,
  type PerScale,
} from "../model/detection-defaults.ts";
import type { DetectionSettings } from "./contract.ts";

export interface DetectorSettings {
  readonly nameProbability: number;
  /** Nats. */
  readonly margin: PerScale<number>;
  readonly patienceSeconds: PerScale<number>;
  readonly levelCheck: number;
  readonly dailyHabit: DailyHabit;
  readonly raiseAfterSeconds: number;
}

export function settingsOf(detection: DetectionSettings): DetectorSettings {
  return {
    nameProbability: detection.nameProbability ?? DEFAULT_NAME_PROBABILITY,
    margin: detection.margin ?? DEFAULT_MARGIN,
    patienceSeconds: detection.patienceSeconds ?? DEFAULT_PATIENCE_SECONDS,
    levelCheck: detection.levelCheck ?? DEFAULT_LEVEL_CHECK,
    dailyHabit: detection.dailyHabit ?? DEFAULT_DAILY_HABIT,
    raiseAfterSeconds: detection.severity.raiseAfterSeconds ?? DEFAULT_RAISE_AFTER_SECONDS,
  };
}
