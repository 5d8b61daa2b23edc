/** How sure the detector is, how often it opens, and where an alert's time goes. */
import { GraphDrawStyle } from "@grafana/grafana-foundation-sdk/common";
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboard, labelValues, networkVariable } from "./frame.ts";
import { lines, steps, TICK_WINDOW, UNIT } from "./parts.ts";
import { figure } from "./present.ts";

const MONTH = "30d";
const OPENED = `sum by (network) (increase(hashfall_alerts_total{network=~"$network",scope="region",type="opened"}[${MONTH}]))`;
const BUDGET = 'max by (network) (hashfall_false_alarm_budget{network=~"$network"})';
const quantile = (q: number, metric: string, by: string): string =>
  `histogram_quantile(${q}, sum by (${by}) (rate(${metric}_bucket[${TICK_WINDOW}])))`;

export function detector(): Dashboard {
  return dashboard({
    uid: "hashfall-detector",
    title: "hashfall: detector",
    description: "Scores, the false-alarm budget, and latency stage by stage.",
    variables: [
      networkVariable(),
      labelValues("region", "Region", 'hashfall_alert_active{network=~"$network",scope="region",region!=""}'),
    ],
    sections: [
      {
        title: "Scores and budget",
        panels: [
          lines({
            title: "Score of each region",
            description:
              "Log posterior odds that this region fell, against every other explanation. An alert opens where it stands above " +
              "the threshold that the false-alarm budget gives, for long enough. Below -20 the axis ends.",
            min: -20,
            width: 16,
            height: 9,
            unit: UNIT.deviations,
            asked: [
              {
                expr: 'max by (network, region) (hashfall_region_score{network=~"$network",region=~"$region"})',
                legend: "{{region}}",
              },
            ],
          }),
          figure({
            title: "Budget of false openings in 30 days",
            description: "Configured; the thresholds are derived from it. True alerts do not count against it.",
            width: 4,
            height: 9,
            unit: UNIT.count,
            decimals: 2,
            asked: [{ expr: BUDGET, legend: "{{network}}" }],
          }),
          figure({
            title: "Openings of regions in 30 days",
            description: "True and false together: what exceeds the budget must be true, or the budget is broken.",
            width: 4,
            height: 9,
            unit: UNIT.count,
            decimals: 0,
            asked: [{ expr: `round(${OPENED})`, legend: "{{network}}" }],
          }),
          lines({
            title: "Smallest fall that would be seen",
            description:
              "Per region, with the pools that report now: the smallest fall that would be listed within a day. It rises when a " +
              "source dies. At 200 % not even all of a region would show.",
            width: 24,
            min: 0,
            unit: UNIT.ratio,
            asked: [
              {
                expr: 'min by (network, region) (hashfall_region_detectable_drop_ratio{network=~"$network",region=~"$region",horizon="24h",as="listed"})',
                legend: "{{region}}",
              },
            ],
          }),
          lines({
            title: "Alert events by type",
            description: "In the hour before each point. Counted by the committer alone, so every event counts once.",
            width: 12,
            unit: UNIT.count,
            min: 0,
            decimals: 0,
            asked: [
              {
                expr: `round(sum by (scope, type) (increase(hashfall_alerts_total{network=~"$network"}[${TICK_WINDOW}]))) > 0`,
                legend: "{{scope}} {{type}}",
              },
            ],
            draw: GraphDrawStyle.Bars,
          }),
          lines({
            title: "Refused rows by reason",
            description: "Rows that the quality gate kept away from the detector.",
            width: 12,
            unit: UNIT.rowsPerSecond,
            min: 0,
            asked: [
              {
                expr: `sum by (network, reason) (rate(hashfall_rows_rejected_total{network=~"$network"}[${TICK_WINDOW}]))`,
                legend: "{{network}} {{reason}}",
              },
            ],
          }),
        ],
      },
      {
        title: "Latency",
        panels: [
          lines({
            title: "An alert's time by stage, median",
            description:
              "sampled: from the last stored row to the decision. detected: to the log. published: to the sockets. Real time.",
            width: 12,
            unit: UNIT.seconds,
            min: 0,
            asked: [{ expr: quantile(0.5, "hashfall_alert_latency_seconds", "le, stage"), legend: "{{stage}}" }],
          }),
          figure({
            title: "An alert's time by stage, mean since start",
            description: "Alerts are rare: the mean over all of them says more than a window of minutes.",
            width: 12,
            height: 8,
            unit: UNIT.seconds,
            asked: [
              {
                expr: "sum by (stage) (hashfall_alert_latency_seconds_sum) / (sum by (stage) (hashfall_alert_latency_seconds_count) > 0)",
                legend: "{{stage}}",
              },
            ],
            thresholds: steps([0, "green"], [5, "orange"], [60, "red"]),
          }),
          lines({
            title: "The core's time for one tick",
            description: "Pure computation, without Redis.",
            width: 12,
            unit: UNIT.seconds,
            min: 0,
            asked: [
              { expr: quantile(0.5, "hashfall_detect_duration_seconds", "le"), legend: "median" },
              { expr: quantile(0.99, "hashfall_detect_duration_seconds", "le"), legend: "99 %" },
            ],
          }),
          lines({
            title: "Commits by result",
            description:
              "conflict: another worker was first, which costs nothing. superseded: this process runs an older configuration.",
            width: 12,
            unit: UNIT.countsPerSecond,
            min: 0,
            asked: [
              {
                expr: `sum by (result) (rate(hashfall_commits_total{network=~"$network"}[${TICK_WINDOW}]))`,
                legend: "{{result}}",
              },
            ],
          }),
        ],
      },
    ],
  });
}
