/**
 * Every metric, declared once. Base units (seconds, hashes per second, ratios 0..1). Gauges are refreshed by timers and
 * followers, so a scrape reads memory and asks nobody. An unknown gauge is absent; a counter of a closed label set starts at 0.
 *
 * Which role moves what: `poll` polls, samples, tick age; `detect` detection, alerts_total, jobs; `serve` everything that is
 * read from the current views (pools, regions, open alerts), latency, WebSocket and webhooks.
 */
import { type Declaration, MetricsRegistry } from "./registry.ts";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const DETECT_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
const LATENCY_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 900];

/** Ends of `hashfall_ws_closed_total{reason}`. */
export const WS_CLOSE_REASONS = [
  "client",
  "going-away",
  "slow",
  "bad-message",
  "bad-token",
  "too-many-messages",
  "too-many-connections",
  "protocol",
  "abnormal",
] as const;
export type WsCloseReason = (typeof WS_CLOSE_REASONS)[number];

/** `sampled` the last row was stored to detected, `detected` to published in the log, `published` to handed to the sockets. */
export const LATENCY_STAGES = ["sampled", "detected", "published"] as const;
export type LatencyStage = (typeof LATENCY_STAGES)[number];

export const WEBHOOK_RESULTS = ["delivered", "retried", "dead", "silenced"] as const;
export type WebhookResult = (typeof WEBHOOK_RESULTS)[number];

function declare(r: MetricsRegistry) {
  return {
    pool: {
      hashrate: r.gauge("hashfall_pool_hashrate_hashes_per_second", "Newest accepted figure of a pool.", [
        "network",
        "pool",
      ]),
      expected: r.gauge("hashfall_pool_expected_hashes_per_second", "What a pool would show had nothing fallen.", [
        "network",
        "pool",
      ]),
      residual: r.gauge(
        "hashfall_pool_residual",
        "Surprise of a pool's newest figure in standard deviations; below 0 is lower than expected.",
        ["network", "pool"],
      ),
      sampleAge: r.gauge("hashfall_sample_age_seconds", "Data time since the newest accepted figure of a pool.", [
        "network",
        "pool",
      ]),
      warmup: r.gauge("hashfall_pool_warmup_seconds", "Data time until a pool is warm; 0 when it is.", [
        "network",
        "pool",
      ]),
    },
    region: {
      hashrate: r.gauge("hashfall_region_hashrate_hashes_per_second", "Estimated hash rate of a region.", [
        "network",
        "region",
      ]),
      expected: r.gauge("hashfall_region_expected_hashes_per_second", "Expected hash rate of a region.", [
        "network",
        "region",
      ]),
      drop: r.gauge("hashfall_region_drop_ratio", "Lost share of a region against expectation, 0 to 1.", [
        "network",
        "region",
      ]),
      score: r.gauge("hashfall_region_score", "Log posterior odds of a fall of a region against other explanations.", [
        "network",
        "region",
      ]),
    },
    detectable: r.gauge(
      "hashfall_region_detectable_drop_ratio",
      "Smallest fall of a region that would be listed or named (as) within a horizon, with the pools that report now; 2 where none would be.",
      ["network", "region", "horizon", "as"],
    ),
    // Names of their own: a sum over hashfall_region_... must not count Texas twice.
    rollUp: {
      hashrate: r.gauge(
        "hashfall_region_rollup_hashrate_hashes_per_second",
        "Sum over the regions of a country that is known by its subdivisions.",
        ["network", "region"],
      ),
      drop: r.gauge(
        "hashfall_region_rollup_drop_ratio",
        "Lost share of a country that is known by its subdivisions, 0 to 1.",
        ["network", "region"],
      ),
    },
    network: {
      warmup: r.gauge("hashfall_network_warmup_seconds", "Data time until detection begins; 0 when it has.", [
        "network",
      ]),
      hashrate: r.gauge("hashfall_network_hashrate_hashes_per_second", "Sum of the accepted pool figures.", [
        "network",
      ]),
      state: r.gauge("hashfall_network_state", "1 for the state that a network is in, 0 for the others.", [
        "network",
        "state",
      ]),
    },
    source: {
      failing: r.gauge("hashfall_source_failing", "1 for a source that missed two polls in a row, 0 for the others.", [
        "network",
        "source",
      ]),
      state: r.gauge("hashfall_source_state", "1 for what the detector thinks of a source, 0 for the others.", [
        "network",
        "source",
        "state",
      ]),
    },
    alerts: {
      active: r.gauge("hashfall_alert_active", "Severity of the open alert: 0 none, 1 info, 2 warning, 3 critical.", [
        "network",
        "scope",
        "region",
        "pool",
      ]),
      probability: r.gauge(
        "hashfall_alert_probability",
        "How sure the region of an open alert is; of an alert that names none yet, each likely candidate's probability.",
        ["network", "scope", "region", "pool"],
      ),
      since: r.gauge(
        "hashfall_alert_since_timestamp_seconds",
        "When what an open alert tells began, data time as Unix seconds; of several the earliest.",
        ["network", "scope", "region", "pool"],
      ),
      lost: r.gauge("hashfall_alert_lost_hashes_per_second", "Hash rate that open alerts say is lost.", [
        "network",
        "scope",
        "region",
        "pool",
      ]),
      info: r.gauge(
        "hashfall_alert_info",
        "1 for each open alert; the labels are its id and the cause that was seen, empty while none was.",
        ["network", "scope", "region", "pool", "id", "cause"],
      ),
      total: r.counter("hashfall_alerts_total", "Alert events committed, counted by the committer alone.", [
        "network",
        "scope",
        "type",
        "severity",
      ]),
      latency: r.histogram(
        "hashfall_alert_latency_seconds",
        "Real time that an alert spent in a stage: sampled (row stored to decided), detected (to the log), published (to the sockets).",
        LATENCY_SECONDS,
        ["stage"],
      ),
    },
    poll: {
      duration: r.histogram("hashfall_poll_duration_seconds", "Time to ask one source.", SECONDS, ["source"]),
      total: r.counter("hashfall_polls_total", "Answers of a source by result.", ["source", "result"]),
      overlapped: r.counter("hashfall_polls_overlapped_total", "Ticks skipped because the one before still ran.", [
        "network",
      ]),
      missed: r.counter("hashfall_ticks_missed_total", "Ticks that nobody polled in time.", ["network"]),
      failed: r.counter("hashfall_ticks_failed_total", "Attempts to store or hand on a tick that failed.", ["network"]),
      takenOver: r.counter("hashfall_ticks_taken_over_total", "Ticks polled here because their claimant had died.", [
        "network",
      ]),
    },
    samples: {
      total: r.counter("hashfall_samples_total", "Rows by what the store did with them.", ["network", "result"]),
      rejected: r.counter("hashfall_rows_rejected_total", "Rows that the quality gate refused, by reason.", [
        "network",
        "reason",
      ]),
    },
    tick: {
      age: r.gauge("hashfall_tick_age_seconds", "Data time since the last decided tick of a network.", ["network"]),
      interval: r.gauge("hashfall_tick_interval_seconds", "Data time between two ticks of a network, as configured.", [
        "network",
      ]),
    },
    detect: {
      duration: r.histogram("hashfall_detect_duration_seconds", "Time of the pure core for one tick.", DETECT_SECONDS),
      budget: r.gauge(
        "hashfall_false_alarm_budget",
        "Expected false openings of region alerts in 30 days that the thresholds are derived from, as configured.",
        ["network"],
      ),
      commits: r.counter("hashfall_commits_total", "Commits of detection by result.", ["network", "result"]),
    },
    ws: {
      clients: r.gauge("hashfall_ws_clients", "Open WebSocket connections."),
      closed: r.counter("hashfall_ws_closed_total", "WebSocket connections closed, by reason.", ["reason"]),
      messages: r.counter("hashfall_ws_messages_total", "WebSocket messages sent to and received from clients.", [
        "direction",
      ]),
    },
    http: {
      requests: r.counter("hashfall_http_requests_total", "HTTP answers by route template and status class.", [
        "route",
        "status",
      ]),
    },
    webhooks: {
      total: r.counter("hashfall_webhook_deliveries_total", "Webhook deliveries by result.", ["webhook", "result"]),
    },
    redis: {
      up: r.gauge("hashfall_redis_up", "1 while Redis answers this process, 0 while it does not."),
      ping: r.gauge("hashfall_redis_ping_seconds", "Time that Redis took for the newest question of this process."),
      memoryUsed: r.gauge("hashfall_redis_memory_used_bytes", "Memory that Redis says it uses."),
      memoryMax: r.gauge("hashfall_redis_memory_max_bytes", "Memory that Redis may use; absent without a limit."),
    },
    jobs: r.gauge("hashfall_jobs", "Jobs in a queue by state.", ["queue", "state"]),
    config: {
      reloadOk: r.gauge(
        "hashfall_config_last_reload_successful",
        "1 when the newest configuration is in force, 0 when it was refused.",
      ),
    },
    buildInfo: r.gauge("hashfall_build_info", "Constant 1; the labels say what runs.", ["version", "node", "detector"]),
  };
}

export interface MetricsOptions {
  /** Node's own metrics besides ours; off in most tests. */
  readonly nodeMetrics?: boolean;
  /** A rendered body is given again for this long; a second unless said otherwise. */
  readonly renderCacheMs?: number;
}

export type Metrics = ReturnType<typeof declare> & {
  readonly contentType: string;
  /** The text exposition; a body younger than a second is given again. */
  render(): Promise<string>;
  /** Our own metrics, in the order in which they were declared. */
  readonly declarations: readonly Declaration[];
};

const RENDER_CACHE_MS = 1000;

/** One set of metrics; one per process or test. */
export function makeMetrics(options: MetricsOptions = {}): Metrics {
  const registry = new MetricsRegistry({ nodeMetrics: options.nodeMetrics ?? false });
  const cacheMs = options.renderCacheMs ?? RENDER_CACHE_MS;
  let rendered: { at: number; text: Promise<string> } | null = null;
  const metrics = declare(registry);
  for (const reason of WS_CLOSE_REASONS) metrics.ws.closed.inc({ reason }, 0);
  for (const direction of ["sent", "received"]) metrics.ws.messages.inc({ direction }, 0);
  return {
    ...metrics,
    contentType: registry.contentType,
    declarations: registry.declarations,
    render: () => {
      const now = performance.now();
      if (!rendered || now - rendered.at >= cacheMs) rendered = { at: now, text: registry.render() };
      return rendered.text;
    },
  };
}
