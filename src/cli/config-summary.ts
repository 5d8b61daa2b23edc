/** What a configuration says, in short: for `hashfall check`. */
import { formatDuration } from "../config/durations.ts";
import type { Config, NetworkConfig, SourceConfig } from "../config/resolved.ts";
import { type RegionResolvability, resolvability } from "../detect/resolvability.ts";
import { OTHER_REGION } from "../model/region.ts";
import type { SourceDescription } from "../sources/adapter.ts";
import { SOURCE_TYPES } from "../sources/registry.ts";

export interface PoolSummary {
  readonly pool: string;
  readonly windowSeconds: number | null;
  /** Sources of a figure of its own (whole pool or one region). */
  readonly figures: readonly string[];
  /** Sources that report the blocks it found. */
  readonly blocks: readonly string[];
  /** True when at least one of its figures comes without a key. */
  readonly keyless: boolean;
  /** Largest first, without OTHER. */
  readonly regions: readonly { readonly region: string; readonly weight: number; readonly sd: number }[];
}

export interface SourceSummary {
  readonly source: string;
  readonly type: string;
  readonly every: string;
  readonly key: "none" | "optional" | "required";
  /** Behind a pool's own web page, without published terms. */
  readonly undocumented: boolean;
  readonly region: string | null;
  readonly pools: readonly string[];
}

export interface NetworkSummary {
  readonly network: string;
  readonly interval: string;
  readonly falseAlarmsPerMonth: number;
  readonly configHash: string;
  readonly regions: readonly string[];
  readonly pools: readonly PoolSummary[];
  readonly sources: readonly SourceSummary[];
  /** Per region, from the pools that report a figure (from all, where no source is configured). */
  readonly resolvability: readonly RegionResolvability[];
  /** What the pools' reporting means for detection, in sentences. */
  readonly notes: readonly string[];
}

/** One entry per network, in the configuration's order. */
export function summarise(config: Config): readonly NetworkSummary[] {
  return config.networks.map(summariseNetwork);
}

function summariseNetwork(network: NetworkConfig): NetworkSummary {
  const { model } = network;
  const pools = model.pools.map((pool): PoolSummary => {
    const own = network.sources.filter((source) => Object.values(source.pools).includes(pool.id));
    const figures = own.filter((source) => describes(source, ["pool", "region"]));
    return {
      pool: pool.id,
      windowSeconds: pool.windowSeconds ?? null,
      figures: figures.map((source) => source.id),
      blocks: own.filter((source) => describes(source, ["blocks"])).map((source) => source.id),
      keyless: figures.some((source) => SOURCE_TYPES[source.type]?.describe.key !== "required"),
      regions: pool.regions.filter((r) => r.region !== OTHER_REGION).toSorted((a, b) => b.weight - a.weight),
    };
  });
  // Block counts are too slow for an hour and mostly for a day: what can be told apart rests on the pools' own figures.
  const reporting = network.sources.length === 0 ? pools : pools.filter((pool) => pool.figures.length > 0);
  const inMinutes = new Set(reporting.map((pool) => pool.pool));
  const regions = new Set(model.pools.flatMap((pool) => pool.regions.map((r) => r.region)));
  for (const source of network.sources) if (source.region !== null) regions.add(source.region);
  return {
    network: network.name,
    interval: formatDuration(network.intervalMs),
    falseAlarmsPerMonth: model.detection.falseAlarmsPerMonth,
    configHash: model.configHash,
    regions: [...regions].sort(),
    pools,
    sources: network.sources.map(summariseSource),
    resolvability: resolvability({ ...model, pools: model.pools.filter((pool) => inMinutes.has(pool.id)) }),
    notes: [...reportingNotes(pools, network.sources.length > 0), ...weightsNote(network)],
  };
}

function summariseSource(source: SourceConfig): SourceSummary {
  const type = SOURCE_TYPES[source.type];
  return {
    source: source.id,
    type: source.type,
    every: formatDuration(source.intervalMs),
    key: type?.describe.key ?? "none",
    undocumented: source.webPage === true,
    region: source.region,
    pools: [...new Set(Object.values(source.pools))],
  };
}

function describes(source: SourceConfig, rows: SourceDescription["rows"]): boolean {
  return SOURCE_TYPES[source.type]?.describe.rows.some((row) => rows.includes(row)) ?? false;
}

function reportingNotes(pools: readonly PoolSummary[], hasSources: boolean): readonly string[] {
  if (!hasSources) return ["No source is configured: this file can be replayed, but there is nothing to poll."];
  const keyless = pools.filter((pool) => pool.keyless).map((pool) => pool.pool);
  const blocksAlone = pools
    .filter((pool) => pool.figures.length === 0 && pool.blocks.length > 0)
    .map((pool) => pool.pool);
  const silent = pools.filter((pool) => pool.figures.length === 0 && pool.blocks.length === 0).map((pool) => pool.pool);
  const notes = [
    `${keyless.length} of ${pools.length} pools report a figure of their own without a key${named(keyless)}. ` +
      "A fall shows within minutes in those alone, and a region can only be told from another by pools that differ in both.",
  ];
  if (blocksAlone.length > 0) {
    notes.push(
      `Seen by their blocks alone: ${blocksAlone.join(", ")}. A block count needs hours to days (a tenth of Bitcoin finds ` +
        "14 blocks a day, give or take 4), so they confirm a fall and rarely find one.",
    );
  }
  if (silent.length > 0)
    notes.push(
      `No source speaks for ${silent.join(", ")}: nothing is known of ${silent.length === 1 ? "it" : "them"}.`,
    );
  return notes;
}

/** How old the weights are, and how many pools' are guesses by their own account. */
function weightsNote({ model, weightNotes = [] }: NetworkConfig): readonly string[] {
  const dates = weightNotes.flatMap((note) => note.asOf ?? []).sort();
  const guessed = new Set(weightNotes.filter((note) => /\bguess/i.test(note.source ?? "")).map((note) => note.pool));
  if (dates.length === 0 && guessed.size === 0) return [];
  const [oldest, newest] = [dates[0], dates.at(-1)];
  const when = oldest === undefined ? "" : ` as of ${oldest === newest ? oldest : `${oldest} to ${newest}`}`;
  return [
    `Weights${when}; those of ${guessed.size} of ${model.pools.length} pools are guesses by their own account, and count for less.`,
  ];
}

function named(pools: readonly string[]): string {
  return pools.length === 0 ? "" : ` (${pools.join(", ")})`;
}
