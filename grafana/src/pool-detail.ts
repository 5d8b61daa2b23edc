/** One pool, or some beside each other: figure, expectation, residual, age. */
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboard, labelValues, networkVariable } from "./frame.ts";
import { lines, UNIT } from "./parts.ts";
import { SEVERITIES, table, timeline } from "./present.ts";

const pool = (metric: string): string =>
  `max by (network, pool) (hashfall_${metric}{network=~"$network",pool=~"$pool"})`;
const FIGURE = pool("pool_hashrate_hashes_per_second");
const EXPECTED = pool("pool_expected_hashes_per_second");
const AGE = 'min by (network, pool) (hashfall_sample_age_seconds{network=~"$network",pool=~"$pool"})';

export function poolDetail(): Dashboard {
  return dashboard({
    uid: "hashfall-pool-detail",
    title: "hashfall: pools",
    description: "What each pool says, what it would say had nothing fallen, and how old its word is.",
    variables: [
      networkVariable(),
      labelValues("pool", "Pool", 'hashfall_alert_active{network=~"$network",scope="pool",pool!=""}'),
    ],
    sections: [
      {
        title: "All chosen pools",
        panels: [
          lines({
            title: "Figure against expectation",
            description:
              "1 is as expected. Pools that fall together, each by its own share of one region, are what an alert is made of.",
            width: 12,
            unit: UNIT.ratio,
            asked: [{ expr: `${FIGURE} / (${EXPECTED} > 0)`, legend: "{{pool}}" }],
          }),
          lines({
            title: "Residual",
            description:
              "Surprise of the newest figure in standard deviations; below the line at -4 is more than noise.",
            width: 12,
            unit: UNIT.deviations,
            line: -4,
            asked: [{ expr: pool("pool_residual"), legend: "{{pool}}" }],
          }),
          lines({
            title: "Age of the newest accepted figure",
            description: "Data time. A pool that stands still or is refused grows old here and no longer counts.",
            width: 12,
            unit: UNIT.seconds,
            min: 0,
            asked: [
              { expr: AGE, legend: "{{pool}}" },
              {
                expr: 'max by (network) (hashfall_tick_interval_seconds{network=~"$network"})',
                legend: "interval of {{network}}",
              },
            ],
            dashed: "^interval.*",
          }),
          timeline({
            title: "Alerts of pools",
            description: "A pool that moved alone: its own trouble, not a region's.",
            width: 12,
            asked: [
              {
                expr: 'max by (network, pool) (hashfall_alert_active{network=~"$network",scope="pool",pool=~"$pool",pool!=""})',
                legend: "{{pool}}",
              },
            ],
            mappings: SEVERITIES,
          }),
          table({
            title: "Pools now",
            description: "A pool without a figure is unknown, not zero.",
            width: 24,
            height: 10,
            keys: { network: "Network", pool: "Pool" },
            columns: [
              { expr: FIGURE, legend: "Figure", unit: UNIT.hashrate },
              { expr: EXPECTED, legend: "Expected", unit: UNIT.hashrate },
              { expr: pool("pool_residual"), legend: "Residual", unit: UNIT.deviations, decimals: 1 },
              { expr: AGE, legend: "Age", unit: UNIT.seconds, decimals: 0 },
              { expr: pool("pool_warmup_seconds"), legend: "Warm in", unit: UNIT.seconds, decimals: 0 },
            ],
            sortBy: "Figure",
          }),
        ],
      },
      {
        title: "Each pool",
        panels: [
          lines({
            title: "$pool",
            description: "Figure, and what it would be had nothing fallen (dashed).",
            width: 8,
            unit: UNIT.hashrate,
            asked: [
              { expr: FIGURE, legend: "{{pool}}" },
              { expr: EXPECTED, legend: "{{pool}} expected" },
            ],
            dashed: ".* expected$",
            repeat: "pool",
          }),
        ],
      },
    ],
  });
}
