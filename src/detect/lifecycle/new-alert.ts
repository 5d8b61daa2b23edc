/** A regional alert at its first moment. */
import type { RegionAlert } from "./open-alert.ts";

/** A regional alert before anything is known of it. */
export function emptyAlert(id: string, at: number, scale: RegionAlert["scale"]): RegionAlert {
  return {
    scope: "region",
    id,
    revision: 0,
    severity: "info",
    openedAt: at,
    startedAt: at,
    startedAtLow: at,
    startedAtHigh: at,
    updatedAt: at,
    ending: 0,
    scale,
    region: null,
    leading: "",
    candidates: [],
    onset: at,
    ramp: 0,
    fall: [],
    fallHashrate: [],
    base: [],
    lost: { estimate: 0, low: 0, high: 0, networkShare: 0 },
    drop: { estimate: 0, low: 0, high: 0 },
    said: { region: null, lost: 0, drop: 0, low: 0, high: 0, startedAt: at },
    remaining: 1,
    peak: 1,
    doubt: 0,
    settled: false,
    logOdds: 0,
    evidence: [],
  };
}
