/** Every dashboard by the name of its file. */
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { detector } from "./detector.ts";
import { itself } from "./itself.ts";
import { overview } from "./overview.ts";
import { poolDetail } from "./pool-detail.ts";

export function allDashboards(): Readonly<Record<string, Dashboard>> {
  return { overview: overview(), "pool-detail": poolDetail(), detector: detector(), hashfall: itself() };
}
