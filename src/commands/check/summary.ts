/** What a configuration says, in short: for `hashfall check`. */

import { regionsOf } from "../../config/resolve/regions.ts";
import type { Config, NetworkConfig, SourceConfig } from "../../config/resolve/resolved.ts";
import { formatDuration } from "../../config/schema/durations.ts";
import { type RegionResolvability, resolvability } from "../../detect/resolvability.ts";
import { isOld } from "../../detect/weights/age.ts";
import { OTHER_REGION } from "../../model/region.ts";
import { askingPeriodMs } from "../../poll/due.ts";
import type { SourceDescription } from "../../sources/adapter.ts";
import { regionsOfSource, SOURCE_TYPES } from "../../sources/registry.ts";
import { WITNESS_TYPES } from "../../sources/witness/registry.ts";

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
  /** Asked for figures, or sends them itself, or explains what they show. */
  readonly kind: "source" | "push" | "witness";
  readonly type: string;
  /** At whole ticks of the network; null: it is not asked, it sends. */
  readonly every: string | null;
  readonly key: "none" | "optional" | "required";
  /** Behind somebody's own web page, without published terms. */
  readonly undocumented: boolean;
  /** Every region that its rows may name; none: whole pools alone. */
  readonly regions: readonly string[];
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
  readonly senders: readonly SourceSummary[];
  readonly witnesses: readonly SourceSummary[];
  /** Per region, from the pools that report a figure (from all, where no source is configured). */
  readonly resolvability: readonly RegionResolvability[];
  /** What the pools' reporting means for detection, in sentences. */
  readonly notes: readonly string[];
}

/**
 * One entry per network, in the configuration's order.
 *
 * @param at today, ms: weights that are old by then tell less apart; left out, none is taken to be old
 */
export function summarise(config: Config, at?: number): readonly NetworkSummary[] {
  return config.networks.map((network) => summariseNetwork(network, at));
}

function summariseNetwork(network: NetworkConfig, at: number | undefined): NetworkSummary {
  const { model } = network;
  const senders = (network.senders ?? []).map(summariseSender);
  const pools = model.pools.map((pool): PoolSummary => {
    const own = network.sources.filter((source) => Object.values(source.pools).includes(pool.id));
    const figures = own.filter((source) => describes(source, ["pool", "region"]));
    const sent = senders.filter((sender) => sender.pools.includes(pool.id)).map((sender) => sender.source);
    return {
      pool: pool.id,
      windowSeconds: pool.windowSeconds ?? null,
      figures: [...figures.map((source) => source.id), ...sent],
      blocks: own.filter((source) => describes(source, ["blocks"])).map((source) => source.id),
      keyless: figures.some((source) => SOURCE_TYPES[source.type]?.describe.key !== "required"),
      regions: pool.regions.filter((r) => r.region !== OTHER_REGION).toSorted((a, b) => b.weight - a.weight),
    };
  });
  // Block counts are too slow for an hour and mostly for a day: what can be told apart rests on the pools' own figures.
  const isFed = network.sources.length > 0 || senders.length > 0;
  const reporting = isFed ? pools.filter((pool) => pool.figures.length > 0) : pools;
  const inMinutes = new Set(reporting.map((pool) => pool.pool));
  return {
    network: network.name,
    interval: formatDuration(network.intervalMs),
    falseAlarmsPerMonth: model.detection.falseAlarmsPerMonth,
    configHash: model.configHash,
    regions: regionsOf(network),
    pools,
    sources: network.sources.map((source) => summariseSource(source, network.intervalMs)),
    senders,
    witnesses: (network.witnesses ?? []).map((witness) => summariseWitness(witness, network.intervalMs)),
    resolvability: resolvability(
      { ...model, pools: model.pools.filter((pool) => inMinutes.has(pool.id)) },
      at === undefined ? {} : { at },
    ),
    notes: [
      ...reportingNotes(pools, isFed),
      ...weightsNote(network),
      ...(at === undefined ? [] : oldWeightsNote(network, at)),
    ],
  };
}

function summariseSource(source: SourceConfig, tickMs: number): SourceSummary {
  const type = SOURCE_TYPES[source.type];
  return {
    source: source.id,
    kind: "source",
    type: source.type,
    every: formatDuration(askingPeriodMs(source.intervalMs, tickMs)),
    key: type?.describe.key ?? "none",
    undocumented: source.webPage === true,
    regions: regionsOfSource(source),
    pools: [...new Set(Object.values(source.pools))],
  };
}

function summariseSender({ name, pools, regions }: NonNullable<NetworkConfig["senders"]>[number]): SourceSummary {
  const source = `push:${name}`;
  return { source, kind: "push", type: "push", every: null, key: "required", undocumented: false, regions, pools };
}

function summariseWitness(witness: SourceConfig, tickMs: number): SourceSummary {
  const { servers = {}, countries = [] } = witness.options as {
    readonly servers?: Readonly<Record<string, string>>;
    readonly countries?: readonly string[];
  };
  return {
    source: witness.id,
    kind: "witness",
    type: witness.type,
    every: formatDuration(askingPeriodMs(witness.intervalMs, tickMs)),
    key: WITNESS_TYPES[witness.type]?.key ?? "none",
    undocumented: witness.webPage === true,
    regions: [...new Set([...countries, ...Object.values(servers)])],
    pools: [],
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

/** Which weights are older than a year at `at`, ms, and what that means; nothing where none is. */
export function oldWeightsNote({ model, weightNotes = [] }: NetworkConfig, at: number): readonly string[] {
  const old = model.pools.filter(({ regions }) => regions.some(({ asOf }) => asOf !== undefined && isOld(asOf, at)));
  if (old.length === 0) return [];
  const oldest = weightNotes
    .flatMap((note) => (old.some(({ id }) => id === note.pool) ? (note.asOf ?? []) : []))
    .sort();
  return [
    `Weights older than a year: ${old.map(({ id }) => id).join(", ")} (the oldest as of ${oldest[0]}). ` +
      "They count for less the older they get; newer ones belong into the file of weights, with their date.",
  ];
}

function named(pools: readonly string[]): string {
  return pools.length === 0 ? "" : ` (${pools.join(", ")})`;
}
