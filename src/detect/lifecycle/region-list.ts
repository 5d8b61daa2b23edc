/** The open alerts of scope region. */
import type { DetectorState } from "../state/state.ts";
import type { RegionAlert } from "./open-alert.ts";

export function regionAlerts(state: DetectorState): RegionAlert[] {
  return state.alerts.filter((alert): alert is RegionAlert => alert.scope === "region");
}

/** Every regional fall that is known of, told or withheld. */
export function knownRegionFalls(state: DetectorState): RegionAlert[] {
  return [...regionAlerts(state), ...state.withheld];
}
