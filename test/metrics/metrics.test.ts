import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeMetrics } from "../../src/metrics/metrics.ts";
import { metricsTable } from "../../src/metrics/metrics-table.ts";
import { GaugeRefresh } from "../../src/metrics/refresh.ts";
import { seedCounters } from "../../src/metrics/seed.ts";
import { alertEvent, networkConfig, networkView, TICK } from "../deliver/support.ts";
import { ROOT } from "../house/source-files.ts";

const fresh = (nodeMetrics = false) => makeMetrics({ nodeMetrics, renderCacheMs: 0 });
const lines = async (metrics: ReturnType<typeof fresh>, start: string): Promise<string[]> =>
  (await metrics.render()).split("\n").filter((line) => line.startsWith(start));

describe("the metrics", () => {
  it("stand in the table of grafana/README.md, with type, labels and meaning", () => {
    const page = readFileSync(join(ROOT, "grafana/README.md"), "utf8");
    const written = /<!-- metrics:begin -->\n([\s\S]*?)\n<!-- metrics:end -->/.exec(page)?.[1];
    expect(written, "the table is behind the code: run `npm run schema`").toBe(metricsTable());
    for (const { name, help, labelNames } of fresh().declarations) {
      expect(help.length, name).toBeGreaterThan(15);
      expect(name).toMatch(/^hashfall_[a-z_]+$/);
      expect(new Set(labelNames).size).toBe(labelNames.length);
    }
  });

  it("please promtool, Node's own among them", async ({ skip }) => {
    const metrics = fresh(true);
    seedCounters(metrics, [networkConfig()]);
    new GaugeRefresh(metrics).view(networkView());
    const text = await metrics.render();
    expect(text).toContain("nodejs_eventloop_lag_seconds");
    const lint = spawnSync("promtool", ["check", "metrics"], { input: text, encoding: "utf8" });
    skip(lint.error !== undefined && process.env.CI !== "true", "promtool is not here");
    expect(lint.error).toBeUndefined();
    expect(lint.stderr + lint.stdout).toBe("");
  });

  it("start counters of closed label sets at 0, and leave unknown gauges out", async () => {
    const metrics = fresh();
    seedCounters(metrics, [networkConfig()]);
    expect(await lines(metrics, "hashfall_alerts_total{")).toHaveLength(4 * 3 * 3);
    expect(await lines(metrics, 'hashfall_polls_total{source="antpool"')).toHaveLength(17);
    expect(await lines(metrics, 'hashfall_ws_closed_total{reason="slow"} 0')).toHaveLength(1);
    for (const gauge of ["hashfall_ws_clients", "hashfall_pool_hashrate", "hashfall_config_last"])
      expect(await lines(metrics, gauge)).toEqual([]);
  });

  it("give a rendered body again for a while", async () => {
    const metrics = makeMetrics({ renderCacheMs: 60_000 });
    const first = await metrics.render();
    metrics.ws.clients.set({}, 5);
    expect(await metrics.render()).toBe(first);
  });
});

describe("gauges of the present", () => {
  it("show a view, and drop what the next one does not know", async () => {
    const metrics = fresh();
    const refresh = new GaugeRefresh(metrics);
    refresh.view(networkView());
    expect(await lines(metrics, "hashfall_region_drop_ratio{")).toEqual([
      'hashfall_region_drop_ratio{network="bitcoin",region="KZ"} 0.71',
      'hashfall_region_drop_ratio{network="bitcoin",region="CN"} 0.02',
    ]);
    expect(await lines(metrics, "hashfall_pool_hashrate_hashes_per_second{")).toEqual([
      'hashfall_pool_hashrate_hashes_per_second{network="bitcoin",pool="antpool"} 25600000000000000000',
    ]);
    refresh.view(networkView({ regions: [{ region: "KZ", hashrate: 1 }], pools: [] }));
    for (const gone of ["hashfall_region_drop_ratio{", "hashfall_pool_hashrate_hashes_per_second{"])
      expect(await lines(metrics, gone)).toEqual([]);
    expect(await lines(metrics, "hashfall_region_hashrate_hashes_per_second{")).toHaveLength(1);
    expect(await lines(metrics, 'hashfall_source_state{network="bitcoin",source="antpool",state="ok"} 1')).toHaveLength(
      1,
    );
    refresh.retain([]);
    expect(await lines(metrics, "hashfall_source_state{")).toEqual([]);
    expect(await lines(metrics, "hashfall_region_hashrate_hashes_per_second{")).toEqual([]);
  });

  it("sum a country over its subdivisions under names of their own, and drop it with the last of them", async () => {
    const metrics = fresh();
    const refresh = new GaugeRefresh(metrics);
    const regions = ["US-TX", "US-NY"].map((region) => ({ region, hashrate: 3, expected: 4, drop: 0.25 }));
    refresh.view(networkView({ regions }));
    expect(await lines(metrics, "hashfall_region_rollup_")).toEqual([
      'hashfall_region_rollup_hashrate_hashes_per_second{network="bitcoin",region="US"} 6',
      'hashfall_region_rollup_drop_ratio{network="bitcoin",region="US"} 0.25',
    ]);
    expect(await lines(metrics, 'hashfall_region_hashrate_hashes_per_second{network="bitcoin",region="US"')).toEqual(
      [],
    );
    refresh.view(networkView({ regions: [{ region: "KZ", hashrate: 1 }] }));
    expect(await lines(metrics, "hashfall_region_rollup_")).toEqual([]);
  });

  it("count down to detection, of a network and of every pool, and leave out what is not known", async () => {
    const metrics = fresh();
    const refresh = new GaugeRefresh(metrics);
    const pools = [
      { pool: "antpool", state: "warming", warmAt: TICK + 7_200_000 },
      { pool: "f2pool", state: "ok" },
      { pool: "ocean", state: "missing" },
    ] as const;
    refresh.view(networkView({ state: "warming", warmAt: TICK + 3_600_000, pools }));
    refresh.ages(TICK + 600_000);
    expect(await lines(metrics, "hashfall_network_warmup_seconds{")).toEqual([
      'hashfall_network_warmup_seconds{network="bitcoin"} 3000',
    ]);
    expect(await lines(metrics, "hashfall_pool_warmup_seconds{")).toEqual([
      'hashfall_pool_warmup_seconds{network="bitcoin",pool="antpool"} 6600',
      'hashfall_pool_warmup_seconds{network="bitcoin",pool="f2pool"} 0',
    ]);
    refresh.view(networkView());
    refresh.ages(TICK);
    expect(await lines(metrics, 'hashfall_network_warmup_seconds{network="bitcoin"} 0')).toHaveLength(1);
    refresh.retain([]);
    expect(await lines(metrics, "hashfall_network_warmup_seconds{")).toEqual([]);
  });

  it("let ages grow between views", async () => {
    const metrics = fresh();
    const refresh = new GaugeRefresh(metrics);
    refresh.view(networkView());
    refresh.ages(TICK + 90_000);
    expect(await lines(metrics, "hashfall_tick_age_seconds{")).toEqual([
      'hashfall_tick_age_seconds{network="bitcoin"} 90',
    ]);
    expect(await lines(metrics, "hashfall_sample_age_seconds{")).toEqual([
      'hashfall_sample_age_seconds{network="bitcoin",pool="antpool"} 150',
    ]);
  });

  it("say 0 where nothing is open, and the gravest severity where something is", async () => {
    const metrics = fresh();
    const delivered = (part: Parameters<typeof alertEvent>[0]) => ({ ...alertEvent(part), cursor: "e~1-1" });
    new GaugeRefresh(metrics).openAlerts(
      [networkConfig()],
      [
        delivered({ id: "a", revision: 1, severity: "info" }),
        delivered({ id: "b", revision: 1, severity: "critical" }),
        delivered({ id: "c", revision: 1, scope: "pool", region: null, pool: "f2pool", severity: "warning" }),
      ],
    );
    const active = await lines(metrics, "hashfall_alert_active{");
    expect(active).toContain('hashfall_alert_active{network="bitcoin",scope="region",region="KZ",pool=""} 3');
    expect(active).toContain('hashfall_alert_active{network="bitcoin",scope="region",region="CN",pool=""} 0');
    expect(active).toContain('hashfall_alert_active{network="bitcoin",scope="pool",region="",pool="f2pool"} 2');
    expect(active).toContain('hashfall_alert_active{network="bitcoin",scope="network",region="",pool=""} 0');
  });

  it("say how sure each open alert is, since when, what is lost and why; nothing of what is not open", async () => {
    const metrics = fresh();
    const gauges = new GaugeRefresh(metrics);
    const delivered = (part: Parameters<typeof alertEvent>[0]) => ({ ...alertEvent(part), cursor: "e~1-1" });
    const { lost: _, drop: _drop, candidates: _candidates, ...bare } = delivered({ id: "s", revision: 1 });
    const open = [
      delivered({ id: "a", revision: 1, cause: { hint: "connectivity", why: "IODA" } }),
      delivered({
        id: "b",
        revision: 1,
        startedAt: "2022-01-05T10:00:00Z",
        candidates: [{ region: "KZ", probability: 0.99 }],
      }),
      delivered({
        ...{
          id: "c",
          revision: 1,
          region: null,
          ambiguous: true,
          lost: { hashrate: 5, low: 4, high: 6, networkShare: 0.1 },
        },
        candidates: [
          { region: "RU", probability: 0.5 },
          { region: "CN", probability: 0.4 },
          { region: "US", probability: 0.02 },
        ],
      }),
      { ...bare, scope: "source" as const, region: null },
    ];
    gauges.openAlerts([networkConfig()], open);
    const labels = (region: string) => `network="bitcoin",scope="region",region="${region}",pool=""`;
    expect(await lines(metrics, "hashfall_alert_probability{")).toEqual([
      `hashfall_alert_probability{${labels("KZ")}} 0.99`,
      `hashfall_alert_probability{${labels("RU")}} 0.5`,
      `hashfall_alert_probability{${labels("CN")}} 0.4`,
    ]);
    expect(await lines(metrics, "hashfall_alert_since_timestamp_seconds{")).toContain(
      `hashfall_alert_since_timestamp_seconds{${labels("KZ")}} ${Date.parse("2022-01-05T10:00:00Z") / 1000}`,
    );
    expect(await lines(metrics, "hashfall_alert_lost_hashes_per_second{")).toEqual([
      `hashfall_alert_lost_hashes_per_second{${labels("KZ")}} ${4.2e19}`,
      `hashfall_alert_lost_hashes_per_second{${labels("")}} 5`,
    ]);
    expect(await lines(metrics, "hashfall_alert_info{")).toContain(
      `hashfall_alert_info{${labels("KZ")},id="a",cause="connectivity"} 1`,
    );
    gauges.openAlerts([networkConfig()], []);
    for (const name of ["probability", "since_timestamp_seconds", "lost_hashes_per_second", "info"])
      expect(await lines(metrics, `hashfall_alert_${name}{`), name).toEqual([]);
  });

  it("measure where an alert's time went", async () => {
    const metrics = fresh();
    new GaugeRefresh(metrics).delivered(
      {
        ...alertEvent({ id: "a", revision: 1 }),
        cursor: "e~1-1",
        latency: {
          sampledAt: "2022-01-05T10:50:00Z",
          detectedAt: "2022-01-05T10:50:02Z",
          publishedAt: "2022-01-05T10:50:03Z",
        },
      },
      Date.parse("2022-01-05T10:50:03.500Z"),
    );
    expect(await lines(metrics, "hashfall_alert_latency_seconds_sum{")).toEqual([
      'hashfall_alert_latency_seconds_sum{stage="sampled"} 2',
      'hashfall_alert_latency_seconds_sum{stage="detected"} 1',
      'hashfall_alert_latency_seconds_sum{stage="published"} 0.5',
    ]);
  });
});

describe("the smallest fall that would be told", () => {
  const seen = (listed: number | null, named: number | null) => ({ listed, named });
  const view = (detectable?: NonNullable<ReturnType<typeof networkView>["regions"][number]["detectable"]>) => ({
    ...networkView(),
    regions: [{ region: "KZ", ...(detectable ? { detectable } : {}) }],
  });
  const name = "hashfall_region_detectable_drop_ratio";

  it("is said per horizon and for listed and named; 2 where not even all of it would do", async () => {
    const metrics = fresh();
    new GaugeRefresh(metrics).view(view({ hour: seen(0.4, null), day: seen(0.24, 0.7) }));
    const said = (await lines(metrics, name)).map((line) => line.replace(/network="[^"]*",/, ""));
    expect(said.sort()).toEqual([
      `${name}{region="KZ",horizon="1h",as="listed"} 0.4`,
      `${name}{region="KZ",horizon="1h",as="named"} 2`,
      `${name}{region="KZ",horizon="24h",as="listed"} 0.24`,
      `${name}{region="KZ",horizon="24h",as="named"} 0.7`,
    ]);
  });

  it("is absent while it is not known, and when its region is gone", async () => {
    const metrics = fresh();
    const refresh = new GaugeRefresh(metrics);
    refresh.view(view({ hour: seen(0.4, null), day: seen(0.24, 0.7) }));
    refresh.view({ ...networkView(), regions: [] });
    expect(await lines(metrics, `${name}{`)).toEqual([]);
  });
});
