/** What a scrape and the refreshing of gauges cost. */
import { describe, expect, it } from "vitest";
import type { NetworkConfig } from "../../../src/config/resolve/resolved.ts";
import { makeMetrics } from "../../../src/metrics/metrics.ts";
import { GaugeRefresh } from "../../../src/metrics/refresh.ts";
import { seedCounters } from "../../../src/metrics/seed.ts";
import type { NetworkView } from "../../../src/model/view.ts";
import { networkConfig, TICK } from "../../deliver/support.ts";

const ROUNDS = 40;

/** Pools, regions, and the processor time that a scrape and the refreshing of gauges may take, ms: the usual, many, the most. */
const SIZES = [
  [16, 13, 15, 5],
  [50, 40, 50, 10],
  [500, 50, 250, 25],
] as const;

interface Times {
  readonly median: number;
  readonly p99: number;
}

/**
 * Milliseconds of processor time at which half, and 99 %, of the rounds were done: what others do on this machine does not
 * count. What comes between the rounds is not timed.
 */
async function timed(work: (round: number) => unknown, between: (round: number) => unknown = () => {}): Promise<Times> {
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    between(round);
    const from = process.cpuUsage();
    await work(round);
    const { user, system } = process.cpuUsage(from);
    took.push((user + system) / 1000);
  }
  took.sort((a, b) => a - b);
  return { median: took[ROUNDS / 2]!, p99: took[Math.floor(ROUNDS * 0.99) - 1]! };
}

describe.each(SIZES)("%i pools x %i regions", async (poolCount, regionCount, scrapeMs, refreshMs) => {
  const { network, view } = world(poolCount, regionCount);
  const metrics = makeMetrics({ nodeMetrics: true, renderCacheMs: 0 });
  seedCounters(metrics, [network]);
  for (const { id } of network.sources) metrics.poll.duration.observe({ source: id }, 0.2);
  const gauges = new GaugeRefresh(metrics);
  const networks = [network];
  const text = async (): Promise<string> => {
    gauges.view(view(TICK));
    gauges.ages(TICK + 1000);
    gauges.openAlerts(networks, []);
    return metrics.render();
  };
  const series = (await text()).split("\n").filter((line) => line !== "" && !line.startsWith("#")).length;

  it(`a scrape takes less than ${scrapeMs} ms, also the first after a view and after polls of every source`, async () => {
    // As the HTTP server does it: the text is made, then its bytes.
    const scrape = async (): Promise<Buffer> => Buffer.from(await metrics.render());
    const second = (round: number): void => {
      gauges.ages(TICK + round);
      metrics.redis.ping.set({}, round);
      metrics.http.requests.inc({ route: "/metrics", status: "2xx" });
    };
    const tick = (round: number): void => {
      for (const { id } of network.sources) {
        metrics.poll.duration.observe({ source: id }, 0.2 + round / 1000);
        metrics.poll.total.inc({ source: id, result: "ok" });
      }
      gauges.view(view(TICK + round));
      second(round);
    };
    // Warm code, as in a process that is scraped every few seconds.
    await timed(scrape, tick);
    const dearest = await timed(scrape, tick);
    const usual = await timed(scrape, second);
    const size = `${series} series, ${(await scrape()).length} bytes`;
    console.log(`${size}: a scrape ${said(usual)}; right after a tick ${said(dearest)}`);
    expect(usual.median).toBeLessThan(scrapeMs);
    expect(dearest.median).toBeLessThan(scrapeMs);
  });

  it(`what a timer refreshes every second takes less than ${refreshMs} ms`, async () => {
    const second = await timed((round) => {
      gauges.ages(TICK + round);
      gauges.openAlerts(networks, []);
    });
    const ofView = await timed((round) => gauges.view(view(TICK + round)));
    console.log(`a second: ${said(second)}; a view: ${said(ofView)}`);
    expect(second.median).toBeLessThan(refreshMs);
    expect(ofView.median).toBeLessThan(refreshMs);
  });
});

function said({ median, p99 }: Times): string {
  return `${median.toFixed(2)} ms, 99 % ${p99.toFixed(2)} ms`;
}

/** A network whose every pool has a source of its own, and its view at a tick. */
function world(poolCount: number, regionCount: number): { network: NetworkConfig; view: (at: number) => NetworkView } {
  const pools = Array.from({ length: poolCount }, (_, i) => `pool-${i}`);
  const regions = Array.from({ length: regionCount }, (_, i) => `R${i}`);
  const base = networkConfig();
  const source = base.sources[0]!;
  const network: NetworkConfig = {
    ...base,
    sources: pools.map((pool) => ({ ...source, id: `antpool:${pool}`, pools: { pool } })),
    model: {
      ...base.model,
      pools: pools.map((id) => ({
        id,
        regions: regions.map((region) => ({ region, weight: 1 / regionCount, sd: 0.005 })),
      })),
    },
  };
  const view = (at: number): NetworkView => ({
    network: network.name,
    at,
    state: "ok",
    hashrate: 1.7e20,
    regions: regions.map((region, i) => ({
      region,
      hashrate: i * 1.1e18,
      expected: i * 1.2e18,
      drop: 0.1,
      score: i / 7,
    })),
    pools: pools.map((pool, i) => ({
      ...{ pool, hashrate: i * 1.3e17, expected: i * 1.4e17, residual: -i / 31, sampledAt: at - 1000, state: "ok" },
    })),
    sources: network.sources.map(({ id }) => ({ source: id, verdict: "ok" })),
    rejected: {},
  });
  return { network, view };
}
