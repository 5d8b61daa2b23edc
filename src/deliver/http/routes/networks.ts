/** `/api/v1/networks`, `/regions`, `/pools`, `/sources`: the present, answered from memory. */
import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { regionsOf } from "../../../config/resolve/regions.ts";
import type { NetworkConfig, SourceConfig } from "../../../config/resolve/resolved.ts";
import type { Clocks } from "../../../model/clock.ts";
import { regionCovers } from "../../../model/region.ts";
import { rollUpsOf } from "../../../model/roll-up.ts";
import type { SourceHealth } from "../../../model/source-health.ts";
import { isoTime } from "../../../model/tick.ts";
import type { NetworkView, PoolEstimate } from "../../../model/view.ts";
import { regionsOfSource } from "../../../sources/registry.ts";
import type { ViewFeed } from "../../view-feed.ts";
import { type Api, answers, makeApi, PROBLEM_ANSWERS } from "../api.ts";
import { ProblemError } from "../problem.ts";
import { listOf, NetworkItem, networkQuery, PoolItem, RegionItem, regionQuery, SourceItem } from "../schemas.ts";

export interface NetworkRouteDeps {
  readonly networks: () => readonly NetworkConfig[];
  readonly views: ViewFeed;
  readonly clocks: Clocks;
}

const byNetwork = { query: z.object({ network: networkQuery }) };

const routes = {
  networks: createRoute({
    method: "get",
    path: "/networks",
    summary: "Networks and their state",
    responses: { 200: answers("Networks", listOf(NetworkItem)), ...PROBLEM_ANSWERS },
  }),
  regions: createRoute({
    method: "get",
    path: "/regions",
    summary: "Regions as estimated at the newest tick",
    request: { query: z.object({ network: networkQuery, region: regionQuery }) },
    responses: { 200: answers("Regions", listOf(RegionItem)), ...PROBLEM_ANSWERS },
  }),
  pools: createRoute({
    method: "get",
    path: "/pools",
    summary: "Pools against expectation at the newest tick",
    request: byNetwork,
    responses: { 200: answers("Pools", listOf(PoolItem)), ...PROBLEM_ANSWERS },
  }),
  sources: createRoute({
    method: "get",
    path: "/sources",
    summary: "Sources and what is thought of them",
    request: byNetwork,
    responses: { 200: answers("Sources", listOf(SourceItem)), ...PROBLEM_ANSWERS },
  }),
};

/** `{ [name]: isoTime(at) }`, or nothing where the time is unknown. */
function timeField<K extends string>(name: K, at: number | undefined): Partial<Record<K, string>> {
  return at === undefined ? {} : ({ [name]: isoTime(at) } as Record<K, string>);
}

/** The networks that a query means. */
export function chosenNetworks(all: readonly NetworkConfig[], name: string | undefined): readonly NetworkConfig[] {
  if (name === undefined) return all;
  const found = all.filter((network) => network.name === name);
  if (found.length > 0) return found;
  throw new ProblemError("unknown-network", `network: ${name} is none of ${all.map((n) => n.name).join(", ")}`);
}

export function networkRoutes({ networks, views, clocks }: NetworkRouteDeps): Api {
  const api = makeApi();
  api.openapi(routes.networks, (c) => {
    const now = isoTime(clocks.data.now());
    const items = networks().map(({ name: network, intervalMs }) => {
      const { state, why, warmAt } = views.status(network);
      const view = views.current(network);
      return {
        network,
        intervalSeconds: intervalMs / 1000,
        state,
        ...(why === undefined ? {} : { why }),
        ...timeField("at", view?.at),
        ...timeField("warmAt", warmAt),
        ...(view?.hashrate === undefined ? {} : { hashrate: view.hashrate }),
        now,
        speed: clocks.speed,
      };
    });
    return c.json({ items, next: null }, 200);
  });
  api.openapi(routes.regions, (c) => {
    const query = c.req.valid("query");
    const items = chosenNetworks(networks(), query.network).flatMap((config) => {
      const { name: network, model } = config;
      const view = views.current(network);
      const weights = regionWeights(model.pools);
      const known = new Map(view?.regions.map((estimate) => [estimate.region, estimate]));
      const names = [...new Set([...known.keys(), ...weights.keys(), ...regionsOf(config)])];
      const regions = names.map((region) => ({ region, ...known.get(region), pools: weights.get(region) ?? [] }));
      const parents = rollUpsOf(regions).map((entry) => ({ ...entry, pools: weightsTogether(weights, entry.of) }));
      return [...regions, ...parents]
        .filter(({ region }) => query.region === undefined || regionCovers(query.region, region))
        .map((entry) => ({ network, ...entry, ...timeField("at", view?.at) }));
    });
    return c.json({ items, next: null }, 200);
  });
  api.openapi(routes.pools, (c) => {
    const items = chosenNetworks(networks(), c.req.valid("query").network).flatMap(({ name: network, model }) => {
      const known = new Map(views.current(network)?.pools.map((estimate) => [estimate.pool, estimate]));
      return model.pools.map(({ id: pool, windowSeconds, regions }) => {
        const { sampledAt, warmAt, ...figures } = known.get(pool) ?? { pool, state: "warming" as const };
        return {
          network,
          ...figures,
          ...timeField("sampledAt", sampledAt),
          ...timeField("warmAt", warmAt),
          ...(windowSeconds === undefined ? {} : { windowSeconds }),
          regions: regions.map(({ region, weight, sd }) => ({ region, weight, sd })),
        };
      });
    });
    return c.json({ items, next: null }, 200);
  });
  api.openapi(routes.sources, (c) => {
    const chosen = chosenNetworks(networks(), c.req.valid("query").network);
    const items = chosen.flatMap((network) =>
      sourceItems(network, views.current(network.name), views.health(network.name)),
    );
    return c.json({ items, next: null }, 200);
  });
  return api;
}

/** Whoever speaks of a network: sources that are asked, senders, and witnesses. */
function sourceItems(
  { name: network, sources, senders = [], witnesses = [] }: NetworkConfig,
  view: NetworkView | undefined,
  health: ReadonlyMap<string, SourceHealth>,
): z.infer<typeof SourceItem>[] {
  const verdicts = new Map(view?.sources.map(({ source, verdict }) => [source, verdict]));
  const states = new Map(view?.pools.map(({ pool, state }) => [pool, state]));
  const saidOf = (source: string, pools: readonly string[]) =>
    verdicts.get(source) ?? verdictOf(pools.map((pool) => states.get(pool)));
  /** Nothing that fails is said to be fine; a witness that answers is. */
  const healthOf = (source: string, verdict: z.infer<typeof SourceItem>["verdict"]) => {
    const known = health.get(source);
    if (known === undefined) return { verdict };
    const { source: _, since, lastOkAt, ...rest } = known;
    const shown = { ...rest, since: isoTime(since), ...timeField("lastOkAt", lastOkAt) };
    if (known.state === "failing")
      return { verdict: verdict === "blind" ? verdict : ("failing" as const), health: shown };
    return { verdict: verdict === "unknown" && known.state === "ok" ? ("ok" as const) : verdict, health: shown };
  };
  const asked = (kind: "source" | "witness") => (config: SourceConfig) => {
    const pools = [...new Set(Object.values(config.pools))];
    const regions = [...regionsOfSource(config)];
    return {
      network,
      source: config.id,
      kind,
      type: config.type,
      intervalSeconds: config.intervalMs / 1000,
      pools,
      region: onlyOf(regions),
      regions,
      ...healthOf(config.id, saidOf(config.id, pools)),
    };
  };
  const sent = senders.map(({ name, pools, regions, wholePools }) => ({
    network,
    source: `push:${name}`,
    kind: "push" as const,
    type: "push",
    intervalSeconds: null,
    pools: [...pools],
    region: wholePools ? null : onlyOf(regions),
    regions: [...regions],
    verdict: saidOf(`push:${name}`, pools),
  }));
  return [...sources.map(asked("source")), ...sent, ...witnesses.map(asked("witness"))];
}

function onlyOf(regions: readonly string[]): string | null {
  return regions.length === 1 ? (regions[0] ?? null) : null;
}

type PoolWeights = { readonly pool: string; readonly weight: number; readonly sd: number }[];

function regionWeights(pools: NetworkConfig["model"]["pools"]): Map<string, PoolWeights> {
  const weights = new Map<string, PoolWeights>();
  for (const { id: pool, regions } of pools) {
    for (const { region, weight, sd } of regions)
      weights.set(region, [...(weights.get(region) ?? []), { pool, weight, sd }]);
  }
  return weights;
}

/** Weights of several regions as one; errors of the parts are taken as independent. */
function weightsTogether(weights: ReadonlyMap<string, PoolWeights>, regions: readonly string[]): PoolWeights {
  const sums = new Map<string, { weight: number; variance: number }>();
  for (const { pool, weight, sd } of regions.flatMap((region) => weights.get(region) ?? [])) {
    const before = sums.get(pool) ?? { weight: 0, variance: 0 };
    sums.set(pool, { weight: before.weight + weight, variance: before.variance + sd * sd });
  }
  return [...sums].map(([pool, { weight, variance }]) => ({ pool, weight, sd: Math.sqrt(variance) }));
}

/** What a source's pools say of it, where the detector has no verdict of its own. */
function verdictOf(states: readonly (PoolEstimate["state"] | undefined)[]): "ok" | "stale" | "unknown" {
  if (states.some((state) => state === "ok" || state === "warming")) return "ok";
  return states.includes("stale") ? "stale" : "unknown";
}
