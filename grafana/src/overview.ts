/** What fell, where, and how much of the network is missing. */
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboard, labelValues, networkVariable } from "./frame.ts";
import { worldMap } from "./map.ts";
import { lines, steps, UNIT } from "./parts.ts";
import { figure, SEVERITIES, SEVERITY_STEPS, table, timeline } from "./present.ts";

/** Every serving process tells the same of the present: the highest, never the sum. */
const region = (metric: string): string =>
  `max by (network, region) (hashfall_region_${metric}{network=~"$network",region=~"$region"})`;
const EXPECTED = region("expected_hashes_per_second");
const RUNNING = region("hashrate_hashes_per_second");
const ACTIVE = 'max by (network, scope, region, pool) (hashfall_alert_active{network=~"$network"})';
/** An alert of a region that the pools do not tell from others yet has an empty label, which Grafana would leave blank. */
const named = (alerts: string, ofAnyScope = false): string =>
  ofAnyScope
    ? `(label_replace(${alerts.replace("{", '{scope="region",')}, "region", "not named yet", "region", "") or ${alerts.replace("{", '{scope!="region",')})`
    : `label_replace(${alerts}, "region", "not named yet", "region", "")`;
const REGIONAL =
  'max by (network, scope, region, pool) (hashfall_alert_active{network=~"$network",scope="region",region=~"$region|"})';
const OTHER_SCOPES =
  'max by (network, scope, region, pool) (hashfall_alert_active{network=~"$network",scope!="region"})';
/** A network has one state; the figure is only there to give it a colour. */
const STATE = (["ok", "warming", "degraded", "blind"] as const)
  .map(
    (state, i) =>
      `(max by (network, state) (hashfall_network_state{network=~"$network",state="${state}"}) == 1) * ${i + 1}`,
  )
  .join(" or ");
/** What is told of an open alert beside its severity. */
const ofAlert = (metric: string): string =>
  named(
    `max by (network, scope, region, pool) (hashfall_alert_${metric}{network=~"$network",region=~"$region|"})`,
    true,
  );
const RUNBOOKS = {
  region: "HashfallRegionFell",
  network: "HashfallNetworkFell",
  pool: "HashfallPoolFell",
  source: "HashfallSourceStale",
} as const;
/** The alert's id and cause, and the runbook of its scope, as labels. */
const INFO = Object.entries(RUNBOOKS).reduce(
  (expr, [scope, runbook]) => `label_replace(${expr}, "runbook", "${runbook}", "scope", "${scope}")`,
  named(
    'max by (network, scope, region, pool, id, cause) (hashfall_alert_info{network=~"$network",region=~"$region|"})',
    true,
  ),
);
/** The deepest fall in each country; subdivisions count for their country. */
const BY_COUNTRY = `max by (country) (label_replace(${region("drop_ratio")}, "country", "$1", "region", "([A-Z]{2})(-.*)?"))`;
const AGE = 'min by (network) (hashfall_tick_age_seconds{network=~"$network"})';
const INTERVAL = 'max by (network) (hashfall_tick_interval_seconds{network=~"$network"})';
/** Both sums over regions of which both figures are known; nothing expected is no share. */
const LOST_SHARE = `sum by (network) (clamp_min(${EXPECTED} - ${RUNNING}, 0)) / (sum by (network) (${EXPECTED} and ${RUNNING}) > 0)`;

export function overview(): Dashboard {
  return dashboard({
    uid: "hashfall-overview",
    title: "hashfall: overview",
    description: "Which region fell, by how much, since when; and whether hashfall sees enough to say so.",
    variables: [
      networkVariable(),
      labelValues("region", "Region", 'hashfall_alert_active{network=~"$network",scope="region",region!=""}'),
    ],
    sections: [
      {
        title: "Now",
        panels: [
          figure({
            title: "State",
            description:
              "ok: findings can be relied on. warming: baselines are not filled yet. degraded: late or partly without data. " +
              "blind: most sources failed at once, so silence means nothing.",
            width: 6,
            unit: UNIT.count,
            asked: [{ expr: STATE, legend: "{{network}} {{state}}" }],
            thresholds: steps([1, "green"], [2, "blue"], [3, "orange"], [4, "red"]),
            names: true,
            noValue: "unknown",
          }),
          figure({
            title: "Open",
            description: "Regions, pools, networks and sources with an open alert.",
            width: 2,
            unit: UNIT.count,
            decimals: 0,
            asked: [{ expr: `sum(${ACTIVE} > bool 0)`, legend: "open" }],
            thresholds: steps([0, "green"], [1, "orange"]),
          }),
          figure({
            title: "Gravest open alert",
            description: "The highest severity that is open.",
            width: 4,
            unit: UNIT.count,
            asked: [{ expr: `max by (network) (${ACTIVE})`, legend: "{{network}}" }],
            mappings: SEVERITIES,
            thresholds: SEVERITY_STEPS(),
          }),
          figure({
            title: "Hash rate",
            description: "Sum of the accepted pool figures; not the whole network where pools are not configured.",
            width: 4,
            unit: UNIT.hashrate,
            asked: [
              {
                expr: 'max by (network) (hashfall_network_hashrate_hashes_per_second{network=~"$network"})',
                legend: "{{network}}",
              },
            ],
            past: true,
          }),
          figure({
            title: "Share lost",
            description: "Hash rate that open alerts say is missing, of what was expected of the known regions.",
            width: 4,
            unit: UNIT.ratio,
            decimals: 1,
            asked: [{ expr: LOST_SHARE, legend: "{{network}}" }],
            thresholds: steps([0, "green"], [0.02, "orange"], [0.05, "red"]),
            past: true,
          }),
          figure({
            title: "Age of the tick",
            description:
              "Data time since the last decision, in intervals of its network. Up to 2 is well; above 3 it is too old to rely on.",
            width: 4,
            unit: UNIT.count,
            decimals: 1,
            asked: [{ expr: `${AGE} / (${INTERVAL} > 0)`, legend: "{{network}}" }],
            thresholds: steps([0, "green"], [2, "orange"], [3, "red"]),
          }),
        ],
      },
      {
        title: "Alerts",
        panels: [
          table({
            title: "Open alerts",
            description:
              "What fell, how sure that is, since when, what is lost, and why. A region that is not named yet is ambiguous: its " +
              "candidates stand below it, with how probable each is and without a severity.",
            width: 24,
            height: 7,
            keys: {
              network: "Network",
              scope: "Scope",
              region: "Region",
              pool: "Pool",
              cause: "Cause",
              id: "Alert",
              runbook: "Runbook",
            },
            links: {
              Alert: {
                title: "hashfall's page",
                url: "${page:raw}/#/alerts/${__value.text:percentencode}",
                minWidth: 240,
              },
              Runbook: {
                title: "What to do",
                url: "${page:raw}/runbooks/${__value.text:percentencode}",
                minWidth: 170,
              },
            },
            columns: [
              {
                expr: `${named(REGIONAL)} > 0 or ${OTHER_SCOPES} > 0`,
                legend: "Severity",
                unit: UNIT.count,
                mappings: SEVERITIES,
                thresholds: SEVERITY_STEPS(),
              },
              { expr: ofAlert("probability"), legend: "Sure", unit: UNIT.ratio, decimals: 0 },
              { expr: `${ofAlert("since_timestamp_seconds")} * 1000`, legend: "Since", unit: UNIT.time, minWidth: 170 },
              { expr: ofAlert("lost_hashes_per_second"), legend: "Lost", unit: UNIT.hashrate },
              { expr: INFO, legend: "Information", unit: UNIT.count, labelsOnly: true },
            ],
            sortBy: "Severity",
            noValue: "No alert is open",
          }),
          worldMap({
            title: "Where",
            description:
              "Lost share by country, looked up by its code. Regions that are no country (EU, OTHER) stand in the tables alone.",
            width: 12,
            height: 10,
            figure: "Lost share",
            expr: BY_COUNTRY,
          }),
          timeline({
            title: "Alerts of regions",
            description:
              "Severity of each region's alert over time. Not named yet: pools fell, and more than one region explains it.",
            width: 12,
            height: 10,
            asked: [{ expr: named(REGIONAL), legend: "{{region}}" }],
            mappings: SEVERITIES,
          }),
        ],
      },
      {
        title: "Regions",
        panels: [
          lines({
            title: "Lost share of each region",
            description: "1 is all of a region's hash rate. Only an open alert says that something is lost.",
            width: 12,
            unit: UNIT.ratio,
            min: 0,
            max: 1,
            asked: [
              { expr: region("drop_ratio"), legend: "{{region}}" },
              { expr: region("rollup_drop_ratio"), legend: "{{region}} as a whole" },
            ],
          }),
          lines({
            title: "Lost hash rate by region",
            description: "Expected less running; the height of the stack is what the network lost.",
            width: 12,
            unit: UNIT.hashrate,
            min: 0,
            stacked: true,
            asked: [{ expr: `clamp_min(${EXPECTED} - ${RUNNING}, 0)`, legend: "{{region}}" }],
          }),
          lines({
            title: "Hash rate by region",
            description: "What hashfall believes is running in each region.",
            width: 12,
            unit: UNIT.hashrate,
            min: 0,
            stacked: true,
            asked: [{ expr: RUNNING, legend: "{{region}}" }],
          }),
          lines({
            title: "Countries known by their subdivisions",
            description: "Sums over regions that stand above as well, like US over US-TX.",
            width: 12,
            unit: UNIT.hashrate,
            asked: [
              {
                expr: 'max by (network, region) (hashfall_region_rollup_hashrate_hashes_per_second{network=~"$network"})',
                legend: "{{region}}",
              },
            ],
          }),
          lines({
            title: "Time until detection begins",
            description: "Data time; 0 once baselines are filled. Nothing is raised before.",
            width: 12,
            unit: UNIT.seconds,
            min: 0,
            asked: [
              {
                expr: 'max by (network) (hashfall_network_warmup_seconds{network=~"$network"})',
                legend: "{{network}}",
              },
            ],
          }),
          table({
            title: "Regions now",
            description:
              "Score: log posterior odds that this region fell; it also rises for regions that only resemble it.",
            width: 12,
            keys: { network: "Network", region: "Region" },
            columns: [
              { expr: RUNNING, legend: "Running", unit: UNIT.hashrate },
              { expr: EXPECTED, legend: "Expected", unit: UNIT.hashrate },
              {
                expr: region("drop_ratio"),
                legend: "Lost",
                unit: UNIT.ratio,
                decimals: 0,
                thresholds: steps([0, "text"], [0.2, "orange"], [0.5, "red"]),
              },
              { expr: region("score"), legend: "Score", unit: UNIT.deviations, decimals: 1 },
            ],
            sortBy: "Lost",
          }),
        ],
      },
    ],
  });
}
