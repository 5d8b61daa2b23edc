/** One network of the file as the rest of hashfall is handed it, and the checks that look across its keys. */
import type { DetectorModel, DetectorPool } from "../../detect/contract.ts";
import { nearest } from "../../model/nearest-name.ts";
import { regionsOfSource } from "../../sources/registry.ts";
import type { KeyPath } from "../reading/document.ts";
import type { NetworkFile } from "../schema/config-file.ts";
import { DEFAULT_INTERVAL, KNOWN_BLOCK_INTERVALS } from "../schema/defaults.ts";
import { milliseconds } from "../schema/durations.ts";
import { isCountryCode, meantCountry } from "../schema/iso3166.ts";
import { detectionSettings } from "./detection.ts";
import { overlaps } from "./disjoint.ts";
import { hashOf } from "./hash.ts";
import type { NetworkConfig, SourceConfig, WeightNote } from "./resolved.ts";
import { resolveSources } from "./sources.ts";
import { completeWeights, type PoolWeights, weightNotes } from "./weights.ts";
import type { WeightsByPool } from "./weights-file.ts";
import { resolveWitnesses } from "./witnesses.ts";

export type Report = (path: KeyPath, text: string) => void;

/** A source and the regions that its rows may name. */
interface SaidRegions {
  readonly source: SourceConfig;
  readonly regions: readonly string[];
}

/**
 * @param settings.pushed regions whose figures somebody may send
 * @param shared weights by pool from the network's `weights` file; those of the pool itself win
 * @param report called for each fault; the result is only of use when there was none
 */
export function resolveNetwork(
  name: string,
  network: NetworkFile,
  shared: WeightsByPool,
  settings: { readonly webPageSources: boolean; readonly pushed: readonly string[] },
  report: Report,
): NetworkConfig {
  const at: KeyPath = ["networks", name];
  const intervalMs = milliseconds(network.interval ?? DEFAULT_INTERVAL);
  const notes: WeightNote[] = [];
  const pools = Object.entries(network.pools)
    .map(([id, pool]): DetectorPool => {
      const weights = weightsOf(id, pool, shared);
      notes.push(...weightNotes(id, weights));
      return {
        id,
        ...(pool.window === undefined ? {} : { windowSeconds: milliseconds(pool.window) / 1000 }),
        ...(pool.operator === undefined ? {} : { operator: pool.operator }),
        regions: completeWeights(weights),
      };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const sources = resolveSources(name, network, intervalMs, settings, report);
  const said = sources.map((source) => ({ source, regions: regionsOfSource(source) }));
  checkRegions(at, network, pools, said, report);
  const weighed = pools.flatMap((pool) => pool.regions.map(({ region }) => region));
  const regions = new Set([...weighed, ...said.flatMap((each) => each.regions), ...settings.pushed]);
  const taken = sources.map(({ id }) => id);
  const witnesses = resolveWitnesses(name, network, { ...settings, regions, taken }, report);
  const model = modelOf(name, network, pools, said, intervalMs);
  return { name, intervalMs, sources, witnesses, model, weightNotes: notes };
}

/** Weights that stand at the pool itself win, as a whole, over those of the weights file. */
function weightsOf(id: string, pool: NetworkFile["pools"][string], shared: WeightsByPool): PoolWeights {
  const { regions, relativeSd } = pool;
  if (regions !== undefined) return { regions, ...(relativeSd === undefined ? {} : { relativeSd }) };
  const own = Object.hasOwn(shared, id) ? shared[id] : undefined;
  return { ...(own ?? { regions: {} }), ...(relativeSd === undefined ? {} : { relativeSd }) };
}

function modelOf(
  name: string,
  network: NetworkFile,
  pools: readonly DetectorPool[],
  said: readonly SaidRegions[],
  intervalMs: number,
): DetectorModel {
  const block =
    network.blockInterval ?? (Object.hasOwn(KNOWN_BLOCK_INTERVALS, name) ? KNOWN_BLOCK_INTERVALS[name] : undefined);
  const model = {
    network: name,
    intervalSeconds: intervalMs / 1000,
    pools,
    detection: detectionSettings(network.detection),
    ...(block === undefined ? {} : { blockIntervalSeconds: milliseconds(block) / 1000 }),
  };
  // The region that a source's rows are true for is part of what detection sees; where and how often it is asked is not.
  const regional = said.flatMap(({ source, regions }) => regions.map((region) => [source.id, region]));
  return { ...model, configHash: hashOf({ model, regional }) };
}

/** Every region is an ISO code or a declared name, and none is part of another. */
function checkRegions(
  at: KeyPath,
  network: NetworkFile,
  pools: readonly DetectorPool[],
  said: readonly SaidRegions[],
  report: Report,
): void {
  const places = new Map<string, KeyPath>();
  for (const pool of pools) {
    const stated = network.pools[pool.id]?.regions;
    for (const { region } of pool.regions) {
      const path = stated === undefined ? [...at, "pools", pool.id] : [...at, "pools", pool.id, "regions", region];
      if (!places.has(region)) places.set(region, path);
    }
  }
  for (const { regions } of said) {
    for (const region of regions) if (!places.has(region)) places.set(region, at);
  }
  const declared = Object.keys(network.regions ?? {});
  for (const [region, path] of places) {
    const country = region.split("-")[0] ?? region;
    // Two and three letters are meant for codes; a longer word is a name, whether or not it was declared.
    if (country.length > 3 || isCountryCode(country) || declared.includes(region)) continue;
    const hint = meantCountry(country) ?? nearest(country, declared);
    report(
      path,
      `"${country}" is not an ISO 3166 country code; allowed: one that is, or a name declared under ${at.join(".")}.regions` +
        (hint === undefined ? "" : `. Did you mean ${hint}?`),
    );
  }
  for (const { parent, part } of overlaps(places.keys())) {
    report(
      places.get(part) ?? at,
      `${part} stands beside ${parent}, which contains it; allowed: ${parent}, or its parts alone`,
    );
  }
}
