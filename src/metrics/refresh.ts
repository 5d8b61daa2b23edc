/** Gauges of the present, written when a view or an alert comes, so that a scrape only reads them. */
import type { NetworkConfig } from "../config/resolve/resolved.ts";
import { type DeliveredAlert, SCOPES, type Scope, severityRank } from "../model/alert.ts";
import { CANDIDATE_PROBABILITY } from "../model/candidates.ts";
import { rollUpsOf } from "../model/roll-up.ts";
import {
  type Detectable,
  NETWORK_STATES,
  type NetworkState,
  type NetworkView,
  type SourceVerdict,
} from "../model/view.ts";
import { LATENCY_STAGES, type LatencyStage, type Metrics } from "./metrics.ts";
import type { GaugeOf } from "./registry.ts";

/** Said for the smallest fall that would be told where not even all of a region would do: above every drop. */
const UNSEEN = 2;
const DETECTABLE_SERIES = (["1h", "24h"] as const).flatMap((horizon) =>
  (["listed", "named"] as const).map((as) => [horizon, as] as const),
);
const VERDICTS: readonly SourceVerdict["verdict"][] = ["ok", "stale", "blind"];

interface Shown {
  readonly view: NetworkView;
  readonly regions: ReadonlySet<string>;
  readonly rollUps: ReadonlySet<string>;
  readonly pools: ReadonlySet<string>;
  readonly sources: ReadonlySet<string>;
}

export class GaugeRefresh {
  readonly #metrics: Metrics;
  readonly #shown = new Map<string, Shown>();
  #quiet: { networks: readonly NetworkConfig[]; labels: ReadonlyMap<string, ActiveLabels>; said: string } | undefined;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
  }

  /** Figures of one network; what the view does not know becomes absent. */
  view(view: NetworkView): void {
    const { region: ofRegion, rollUp: ofRollUp, pool: ofPool, network: ofNetwork } = this.#metrics;
    const { network } = view;
    const before = this.#shown.get(network);
    const regions = new Set(view.regions.map(({ region }) => region));
    const sums = rollUpsOf(view.regions);
    const rollUps = new Set(sums.map(({ region }) => region));
    const pools = new Set(view.pools.map(({ pool }) => pool));
    const sources = new Set(view.sources.map(({ source }) => source));
    for (const region of before?.regions ?? []) if (!regions.has(region)) this.#dropRegion(network, region);
    for (const region of before?.rollUps ?? []) if (!rollUps.has(region)) this.#dropRollUp(network, region);
    for (const { region, hashrate, drop } of sums) {
      put(ofRollUp.hashrate, { network, region }, hashrate);
      put(ofRollUp.drop, { network, region }, drop);
    }
    for (const pool of before?.pools ?? []) if (!pools.has(pool)) this.#dropPool(network, pool);
    for (const source of before?.sources ?? []) if (!sources.has(source)) this.#dropSource(network, source);
    for (const { region, hashrate, expected, drop, score, detectable } of view.regions) {
      put(ofRegion.hashrate, { network, region }, hashrate);
      put(ofRegion.expected, { network, region }, expected);
      put(ofRegion.drop, { network, region }, drop);
      put(ofRegion.score, { network, region }, score);
      this.#putDetectable(network, region, detectable);
    }
    for (const { pool, hashrate, expected, residual } of view.pools) {
      put(ofPool.hashrate, { network, pool }, hashrate);
      put(ofPool.expected, { network, pool }, expected);
      put(ofPool.residual, { network, pool }, residual);
    }
    for (const { source, verdict } of view.sources)
      for (const state of VERDICTS)
        this.#metrics.source.state.set({ network, source, state }, state === verdict ? 1 : 0);
    put(ofNetwork.hashrate, { network }, view.hashrate);
    this.#shown.set(network, { view, regions, rollUps, pools, sources });
  }

  /** The state that people are told, which may be worse than the detector's own word. */
  state(network: string, state: NetworkState): void {
    for (const one of NETWORK_STATES) this.#metrics.network.state.set({ network, state: one }, one === state ? 1 : 0);
  }

  /** Ages grow between views. @param now data time ms */
  ages(now: number): void {
    for (const [network, { view }] of this.#shown) {
      const cold = view.state === "warming";
      put(this.#metrics.network.warmup, { network }, cold ? leftUntil(view.warmAt, now) : 0);
      for (const { pool, state, warmAt } of view.pools) {
        const known = warmAt !== undefined || state === "ok";
        put(this.#metrics.pool.warmup, { network, pool }, known ? (leftUntil(warmAt, now) ?? 0) : undefined);
      }
      this.#metrics.tick.age.set({ network }, seconds(now - view.at));
      for (const { pool, sampledAt } of view.pools)
        put(
          this.#metrics.pool.sampleAge,
          { network, pool },
          sampledAt === undefined ? undefined : seconds(now - sampledAt),
        );
    }
  }

  /** Severity of what is open, and 0 for every region and pool that has nothing open; how sure, since when, what is lost. */
  openAlerts(networks: readonly NetworkConfig[], open: readonly DeliveredAlert[]): void {
    const { active } = this.#metrics.alerts;
    // Written every second, so what a configuration can say is made once: 500 pools x 50 regions are 25 000 pairs.
    if (this.#quiet?.networks !== networks) this.#quiet = { networks, labels: activeLabels(networks), said: "" };
    const said = JSON.stringify(open.map(({ id, revision }) => [id, revision]));
    if (this.#quiet.said === said) return;
    this.#quiet.said = said;
    const levels = new Map<string, { labels: ActiveLabels; level: number }>();
    for (const [key, labels] of this.#quiet.labels) levels.set(key, { labels, level: 0 });
    for (const { network, scope, region, pool, severity } of open) {
      const labels = { network, scope, region: region ?? "", pool: pool ?? "" };
      const key = keyOf(labels);
      levels.set(key, { labels, level: Math.max(severityRank(severity) + 1, levels.get(key)?.level ?? 0) });
    }
    active.clear();
    for (const { labels, level } of levels.values()) active.set(labels, level);
    this.#openFigures(open);
  }

  /** What is told of open alerts alone: series of what is not open are absent. */
  #openFigures(open: readonly DeliveredAlert[]): void {
    const { probability, since, lost, info } = this.#metrics.alerts;
    info.clear();
    const sure = new Totals((a, b) => Math.max(a, b));
    const began = new Totals((a, b) => Math.min(a, b));
    const missing = new Totals((a, b) => a + b);
    for (const alert of open) {
      const { network, scope, startedAt, candidates = [] } = alert;
      const labels = { network, scope, region: alert.region ?? "", pool: alert.pool ?? "" };
      info.set({ ...labels, id: alert.id, cause: alert.cause?.hint ?? "" }, 1);
      began.add(labels, Date.parse(startedAt) / 1000);
      missing.add(labels, alert.lost?.hashrate);
      for (const { region, probability: likely } of candidates)
        if (alert.region === null ? likely >= CANDIDATE_PROBABILITY : region === alert.region)
          sure.add({ ...labels, region }, likely);
    }
    sure.write(probability);
    began.write(since);
    missing.write(lost);
  }

  /** Where an alert's time went. @param now real time ms, when it was handed to the sockets */
  delivered({ latency }: DeliveredAlert, now: number): void {
    if (!latency) return;
    const times = [latency.sampledAt, latency.detectedAt, latency.publishedAt].map((at) =>
      at ? Date.parse(at) : null,
    );
    LATENCY_STAGES.forEach((stage: LatencyStage, i) => {
      const from = times[i];
      const to = i === 2 ? now : times[i + 1];
      if (from != null && to != null) this.#metrics.alerts.latency.observe({ stage }, seconds(to - from));
    });
  }

  /** Forgets networks that a reload took away. */
  retain(networks: readonly NetworkConfig[]): void {
    const kept = new Set(networks.map(({ name }) => name));
    for (const [network, { regions, rollUps, pools, sources }] of this.#shown) {
      if (kept.has(network)) continue;
      for (const region of regions) this.#dropRegion(network, region);
      for (const region of rollUps) this.#dropRollUp(network, region);
      for (const pool of pools) this.#dropPool(network, pool);
      for (const source of sources) this.#dropSource(network, source);
      for (const state of NETWORK_STATES) this.#metrics.network.state.remove({ network, state });
      this.#metrics.network.hashrate.remove({ network });
      this.#metrics.network.warmup.remove({ network });
      this.#metrics.tick.age.remove({ network });
      this.#shown.delete(network);
    }
  }

  /** Where no fall at all would be told the figure is UNSEEN: known, and not absent. */
  #putDetectable(network: string, region: string, detectable?: Detectable): void {
    for (const [horizon, as] of DETECTABLE_SERIES) {
      const drops = detectable?.[horizon === "1h" ? "hour" : "day"];
      const value = drops === undefined ? undefined : (drops[as] ?? UNSEEN);
      put(this.#metrics.detectable, { network, region, horizon, as }, value);
    }
  }

  #dropRegion(network: string, region: string): void {
    this.#putDetectable(network, region);
    for (const gauge of Object.values(this.#metrics.region)) gauge.remove({ network, region });
  }

  #dropRollUp(network: string, region: string): void {
    for (const gauge of Object.values(this.#metrics.rollUp)) gauge.remove({ network, region });
  }

  #dropSource(network: string, source: string): void {
    this.#metrics.source.failing.remove({ network, source });
    for (const state of VERDICTS) this.#metrics.source.state.remove({ network, source, state });
  }

  #dropPool(network: string, pool: string): void {
    for (const gauge of Object.values(this.#metrics.pool)) gauge.remove({ network, pool });
  }
}

interface ActiveLabels extends Readonly<Record<"network" | "scope" | "region" | "pool", string>> {
  readonly scope: Scope;
}

/** One figure for each label set, put together where several alerts share one. */
class Totals {
  readonly #together: (a: number, b: number) => number;
  readonly #values = new Map<string, { labels: ActiveLabels; value: number }>();

  constructor(together: (a: number, b: number) => number) {
    this.#together = together;
  }

  add(labels: ActiveLabels, value: number | undefined): void {
    if (value === undefined) return;
    const before = this.#values.get(keyOf(labels));
    this.#values.set(keyOf(labels), { labels, value: before ? this.#together(before.value, value) : value });
  }

  /** In place of everything that the gauge told before. */
  write(gauge: GaugeOf<keyof ActiveLabels>): void {
    gauge.clear();
    for (const { labels, value } of this.#values.values()) gauge.set(labels, value);
  }
}

function keyOf({ network, scope, region, pool }: ActiveLabels): string {
  return JSON.stringify([network, scope, region, pool]);
}

/** Every label set of `hashfall_alert_active` that a configuration knows. */
function activeLabels(networks: readonly NetworkConfig[]): ReadonlyMap<string, ActiveLabels> {
  const all: ActiveLabels[] = networks.flatMap(({ name: network, model: { pools } }) => {
    const regions = new Set(pools.flatMap((pool) => pool.regions.map(({ region }) => region)));
    return [
      ...SCOPES.map((scope): ActiveLabels => ({ network, scope, region: "", pool: "" })),
      ...pools.map(({ id: pool }): ActiveLabels => ({ network, scope: "pool", region: "", pool })),
      ...[...regions].map((region): ActiveLabels => ({ network, scope: "region", region, pool: "" })),
    ];
  });
  return new Map(all.map((labels) => [keyOf(labels), labels]));
}

function put<L extends string>(
  gauge: GaugeOf<L>,
  labels: Readonly<Record<L, string>>,
  value: number | undefined,
): void {
  if (value === undefined) gauge.remove(labels);
  else gauge.set(labels, value);
}

/** Seconds from now to a data time; undefined where that is not known. */
function leftUntil(at: number | undefined, now: number): number | undefined {
  return at === undefined ? undefined : seconds(at - now);
}

function seconds(ms: number): number {
  return Math.max(0, ms / 1000);
}
