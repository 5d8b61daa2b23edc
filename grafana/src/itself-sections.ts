/** The sections of the dashboard about hashfall itself. */
import { GraphDrawStyle } from "@grafana/grafana-foundation-sdk/common";
import type { PanelLike } from "./frame.ts";
import { type Asked, lines, steps, TICK_WINDOW, UNIT } from "./parts.ts";
import { figure, YES_NO } from "./present.ts";

const rate = (by: string, series: string): string => `sum by (${by}) (rate(${series}[$__rate_interval]))`;
const increase = (by: string, series: string): string => `sum by (${by}) (increase(${series}[$__rate_interval]))`;
/** Of counters that move once a tick. */
const tickRate = (by: string, series: string): string => `sum by (${by}) (rate(${series}[${TICK_WINDOW}]))`;
const tickIncrease = (by: string, series: string): string => `sum by (${by}) (increase(${series}[${TICK_WINDOW}]))`;
const OF_NETWORK = '{network=~"$network"}';
const OF_SOURCE = '{source=~"$source"}';

export function well(): PanelLike[] {
  const yesNo = (title: string, description: string, ...asked: readonly Asked[]): PanelLike =>
    figure({
      ...{ title, description, asked, width: 4, unit: UNIT.count, mappings: YES_NO },
      thresholds: steps([0, "red"], [1, "green"]),
    });
  return [
    yesNo("Scraped", "Whether Prometheus reaches every process.", {
      expr: 'min by (job) (up{job="hashfall"})',
      legend: "{{job}}",
    }),
    yesNo("Redis answers", "No: decisions and delivery wait until it is back.", {
      expr: "min(hashfall_redis_up)",
      legend: "Redis",
    }),
    yesNo("Newest configuration in force", "No: a change was refused, see the log; the old one stays in force.", {
      expr: "min(hashfall_config_last_reload_successful)",
      legend: "configuration",
    }),
    figure({
      title: "Sources that are well",
      description: "What the detector thinks of the sources: stale ones repeat themselves, blind ones say nothing.",
      ...{ width: 3, unit: UNIT.ratio, decimals: 0 },
      asked: [
        {
          expr: `sum(max by (network, source) (hashfall_source_state{network=~"$network",state="ok"})) / count(max by (network, source) (hashfall_source_state{network=~"$network",state="ok"}))`,
          legend: "well",
        },
      ],
      thresholds: steps([0, "red"], [0.5, "orange"], [1, "green"]),
    }),
    figure({
      title: "WebSocket clients",
      description: "Open connections, all serving processes together.",
      ...{ width: 3, unit: UNIT.count, decimals: 0 },
      asked: [{ expr: "sum(hashfall_ws_clients)", legend: "clients" }],
    }),
    figure({
      title: "Version",
      description: "More than one: a roll-out is under way, or stuck.",
      ...{ width: 6, unit: UNIT.count, names: true },
      asked: [
        { expr: "count by (version, node) (hashfall_build_info)", legend: "hashfall {{version}}, Node {{node}}" },
      ],
    }),
  ];
}

export function polling(): PanelLike[] {
  return [
    lines({
      title: "Age of the newest tick",
      description: "Data time; the dashed lines are one interval, and the three above which an alert says so.",
      ...{ width: 8, unit: UNIT.seconds, min: 0 },
      asked: [
        { expr: `min by (network) (hashfall_tick_age_seconds${OF_NETWORK})`, legend: "{{network}}" },
        { expr: `max by (network) (hashfall_tick_interval_seconds${OF_NETWORK})`, legend: "interval of {{network}}" },
        {
          expr: `3 * max by (network) (hashfall_tick_interval_seconds${OF_NETWORK})`,
          legend: "interval of {{network}} x 3",
        },
      ],
      dashed: "^interval.*",
    }),
    lines({
      title: "Polls by result",
      description: "Answers of all chosen sources. Anything but ok, not-modified and empty is an error's class.",
      ...{ width: 8, unit: UNIT.countsPerSecond, min: 0, stacked: true },
      asked: [{ expr: `${tickRate("result", `hashfall_polls_total${OF_SOURCE}`)} > 0`, legend: "{{result}}" }],
    }),
    lines({
      title: "Failed polls by source",
      description: "Share of a source's answers that were errors; above the line for half an hour an alert says so.",
      ...{ width: 8, unit: UNIT.ratio, min: 0, max: 1, line: 0.5 },
      asked: [
        {
          expr: `sum by (source) (rate(hashfall_polls_total{source=~"$source",result!~"ok|not-modified|empty"}[${TICK_WINDOW}])) / (${tickRate("source", `hashfall_polls_total${OF_SOURCE}`)} > 0)`,
          legend: "{{source}}",
        },
      ],
    }),
    lines({
      title: "Time to ask a source, 95 %",
      description: "A source that grows slow is about to fail.",
      ...{ width: 8, unit: UNIT.seconds, min: 0 },
      asked: [
        {
          expr: `histogram_quantile(0.95, ${tickRate("le, source", `hashfall_poll_duration_seconds_bucket${OF_SOURCE}`)})`,
          legend: "{{source}}",
        },
      ],
    }),
    lines({
      title: "Ticks that went wrong",
      description:
        "In the hour before each point. missed: nobody polled it in time. failed: an attempt to store it. overlapped: the one before still ran. " +
        "taken over: its claimant had died.",
      ...{ width: 8, unit: UNIT.count, min: 0, draw: GraphDrawStyle.Bars },
      asked: (["ticks_missed", "ticks_failed", "polls_overlapped", "ticks_taken_over"] as const).map((name) => ({
        expr: tickIncrease("network", `hashfall_${name}_total${OF_NETWORK}`),
        legend: `{{network}} ${name.slice(name.indexOf("_") + 1).replace("_", " ")}`,
      })),
    }),
    lines({
      title: "Rows by what the store did",
      description: "late: more than two intervals, dropped. moved: put to the next tick. duplicate: already there.",
      ...{ width: 8, unit: UNIT.rowsPerSecond, min: 0 },
      asked: [{ expr: tickRate("result", `hashfall_samples_total${OF_NETWORK}`), legend: "{{result}}" }],
    }),
    lines({
      title: "Sources that fail",
      description: "Missed two polls in a row. `/api/v1/sources` and the page say why, in the server's own words.",
      ...{ width: 24, unit: UNIT.count, min: 0, max: 1 },
      asked: [
        {
          expr: `max by (network, source) (hashfall_source_failing{network=~"$network",source=~"$source"})`,
          legend: "{{source}} of {{network}}",
        },
      ],
    }),
  ];
}

export function redisAndQueues(): PanelLike[] {
  return [
    lines({
      title: "Jobs by state",
      description: "waiting should stay near 0; failed jobs are kept a day to be looked at.",
      ...{ width: 8, unit: UNIT.count, min: 0 },
      asked: [{ expr: 'max by (queue, state) (hashfall_jobs{state!="completed"})', legend: "{{queue}} {{state}}" }],
    }),
    lines({
      title: "Redis: time to answer",
      description: "Newest question of each process.",
      ...{ width: 8, unit: UNIT.seconds, min: 0 },
      asked: [{ expr: "hashfall_redis_ping_seconds", legend: "{{instance}}" }],
    }),
    lines({
      title: "Redis: memory",
      description: "With noeviction a full Redis refuses writes: keep a third free.",
      ...{ width: 8, unit: UNIT.bytes, min: 0 },
      asked: [
        { expr: "max(hashfall_redis_memory_used_bytes)", legend: "used" },
        { expr: "min(hashfall_redis_memory_max_bytes)", legend: "limit, where there is one" },
      ],
      dashed: "^limit.*",
    }),
  ];
}

export function delivering(): PanelLike[] {
  return [
    lines({
      title: "WebSocket clients by process",
      description: "An uneven spread shows which process clients find.",
      ...{ width: 8, unit: UNIT.count, min: 0, stacked: true },
      asked: [{ expr: "hashfall_ws_clients", legend: "{{instance}}" }],
    }),
    lines({
      title: "WebSocket messages",
      description: "To and from clients.",
      ...{ width: 8, unit: UNIT.messagesPerSecond, min: 0 },
      asked: [{ expr: rate("direction", "hashfall_ws_messages_total"), legend: "{{direction}}" }],
    }),
    lines({
      title: "WebSocket connections closed, by reason",
      description:
        "slow: the reader fell too far behind. Many of them mean a slow network, or messages that are too many.",
      ...{ width: 8, unit: UNIT.count, min: 0 },
      asked: [{ expr: increase("reason", "hashfall_ws_closed_total"), legend: "{{reason}}" }],
    }),
    lines({
      title: "HTTP answers",
      description: "By class of status.",
      ...{ width: 12, unit: UNIT.answersPerSecond, min: 0 },
      asked: [{ expr: rate("route, status", "hashfall_http_requests_total"), legend: "{{status}} {{route}}" }],
    }),
    lines({
      title: "Webhook deliveries",
      description: "dead: given up, to be sent again by hand (redrive).",
      ...{ width: 12, unit: UNIT.count, min: 0 },
      asked: [
        {
          expr: increase("webhook, result", "hashfall_webhook_deliveries_total"),
          legend: "{{webhook}} {{result}}",
        },
      ],
    }),
  ];
}

export function process(): PanelLike[] {
  return [
    lines({
      title: "Event loop lag, 99 %",
      description: "Sockets and polls are late by as much; above the line for five minutes an alert says so.",
      ...{ width: 8, unit: UNIT.seconds, min: 0, line: 0.25 },
      asked: [{ expr: 'nodejs_eventloop_lag_p99_seconds{job="hashfall"}', legend: "{{instance}}" }],
    }),
    lines({
      title: "Memory",
      description: "Resident, and the heap in use.",
      ...{ width: 8, unit: UNIT.bytes, min: 0 },
      asked: [
        { expr: 'process_resident_memory_bytes{job="hashfall"}', legend: "{{instance}} resident" },
        { expr: 'nodejs_heap_size_used_bytes{job="hashfall"}', legend: "{{instance}} heap" },
      ],
    }),
    lines({
      title: "Processor",
      description: "Cores in use; the detector has a thread of its own, so more than 1 is possible.",
      ...{ width: 8, unit: UNIT.count, min: 0 },
      asked: [{ expr: 'rate(process_cpu_seconds_total{job="hashfall"}[$__rate_interval])', legend: "{{instance}}" }],
    }),
  ];
}
