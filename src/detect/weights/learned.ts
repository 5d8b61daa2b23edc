/**
 * What was learned about the weights, as the state keeps it: measured falls, and the labels that people or witnesses gave them.
 * Beliefs are always recomputed from the configured weights and this list, so that removing a label undoes it completely.
 */
import type { LabelSample } from "../../model/label.ts";
import { OTHER_REGION } from "../../model/region.ts";
import type { DetectorPool } from "../contract.ts";
import { logSum } from "../hypotheses/likelihood.ts";
import { type Belief, configuredBelief, drifted, type MeasuredFall, mixed, taught } from "./belief.ts";

/** The fall of a published alert, as the pools' figures measured it. */
export interface KeptFall extends MeasuredFall {
  /** The alert's id. */
  readonly alert: string;
  /** The region that it named; null when it named none. */
  readonly named: string | null;
  /** When it began, ms. */
  readonly startedAt: number;
}

export interface Label extends KeptFall {
  /** The region that fell; null where a person said that none did, which overrules a witness. */
  readonly region: string | null;
  readonly by: "person" | "witness";
  readonly labelledAt: number;
}

export interface LearnedState {
  /** Counts every change and is appended to the configuration's hash in events; 0: nothing was ever learned. */
  revision: number;
  /** In order of `startedAt`. */
  labels: Label[];
  /** Ended falls that may still be labelled, the newest last. */
  falls: KeptFall[];
}

/** Most labels, and most unlabelled falls, that are kept: one label in ten days fills it in two years. */
const MOST_LABELS = 64;
const MOST_FALLS = 32;
/** Probability that a label is wrong. A witness that confirms the region which figures name is more reliable than a person. */
const WRONG_LABEL = { person: 0.1, witness: 0.05 } as const;

export const nothingLearned = (): LearnedState => ({ revision: 0, labels: [], falls: [] });

/** Keeps a fall whose alert has ended. */
export function keepFall(state: LearnedState, fall: KeptFall): void {
  state.falls = [...state.falls.filter(({ alert }) => alert !== fall.alert), fall].slice(-MOST_FALLS);
}

function put(state: LearnedState, alert: string, label: Label | null): void {
  const others = state.labels.filter((known) => known.alert !== alert);
  if (label === null && others.length === state.labels.length) return;
  const all = label === null ? others : [...others, label].sort((x, y) => x.startedAt - y.startedAt);
  // The oldest are dropped: miners have moved since.
  state.labels = all.slice(-MOST_LABELS);
  state.revision += 1;
}

/** Adds a witness's label, unless a person has labelled the fall. */
export function labelByWitness(state: LearnedState, fall: KeptFall, region: string, at: number): void {
  if (state.labels.some(({ alert }) => alert === fall.alert)) return;
  put(state, fall.alert, { ...fall, region, by: "witness", labelledAt: at });
}

/**
 * Applies a person's verdict on an alert. Returns the reason why it cannot be used, to be counted, or null.
 *
 * @param open falls of the alerts that are open
 */
export function labelByPerson(
  state: LearnedState,
  { alert, verdict, region, at }: LabelSample,
  open: readonly KeptFall[],
): "label-unknown-alert" | "label-names-no-region" | null {
  if (verdict === "reset") {
    if (state.labels.length > 0) state.revision += 1;
    state.labels = [];
    return null;
  }
  if (verdict === "none") {
    put(state, alert, null);
    return null;
  }
  const fall = [...open, ...state.falls, ...state.labels].find((known) => known.alert === alert);
  if (fall === undefined) return "label-unknown-alert";
  const fell = verdict === "wrong" ? null : verdict === "other" ? (region ?? null) : fall.named;
  if (verdict === "right" && fell === null) return "label-names-no-region";
  const { named, startedAt, pools, fall: size, variance } = fall;
  const kept = { alert, named, startedAt, pools, fall: size, variance };
  put(state, alert, { ...kept, region: fell, by: "person", labelledAt: at });
  return null;
}

/**
 * Beliefs by region for the regions with labels, as of the newest label; empty without labels.
 *
 * @param labels in order of `startedAt`
 */
export function learnedBeliefs(pools: readonly DetectorPool[], labels: readonly Label[]): ReadonlyMap<string, Belief> {
  const regions = [...new Set(pools.flatMap((pool) => pool.regions.map(({ region }) => region)))].sort();
  const beliefs = new Map<string, { belief: Belief; since: number }>();
  for (const region of regions) {
    const belief = region === OTHER_REGION ? null : configuredBelief(pools, region);
    if (belief !== null) beliefs.set(region, { belief, since: Number.NaN });
  }
  const learnt = new Set<string>();
  for (const { region, startedAt, by, ...fall } of labels) {
    const known = region === null ? undefined : beliefs.get(region);
    if (known === undefined) continue;
    const before = Number.isNaN(known.since) ? known.belief : drifted(known.belief, startedAt - known.since);
    const after = taught(before, fall);
    // Probability that the label is right: the fall must look like this region's rather than like any other's.
    const others = [...beliefs].filter(([name]) => name !== region).map(([, { belief }]) => taught(belief, fall).log);
    const wrong = WRONG_LABEL[by];
    const right = Math.log(1 - wrong) + after.log;
    const odds = others.length === 0 ? right : logSum([right, Math.log(wrong / others.length) + logSum(others)]);
    const chance = Math.exp(right - odds);
    beliefs.set(region!, { belief: mixed([after.belief, before], [chance, 1 - chance]), since: startedAt });
    learnt.add(region!);
  }
  const at = labels.at(-1)?.startedAt ?? 0;
  return new Map(
    [...beliefs]
      .filter(([region]) => learnt.has(region))
      .map(([region, { belief, since }]) => [region, drifted(belief, at - since)]),
  );
}

/** Pools with their learned weights and standard deviations; regions that were not learned stay as configured. */
export function learnedPools(
  pools: readonly DetectorPool[],
  beliefs: ReadonlyMap<string, Belief>,
): readonly DetectorPool[] {
  if (beliefs.size === 0) return pools;
  return pools.map((pool) => ({
    ...pool,
    regions: pool.regions.map((configured) => {
      const belief = beliefs.get(configured.region);
      const i = belief?.pools.indexOf(pool.id) ?? -1;
      if (belief === undefined || i < 0) return configured;
      const variance = belief.covariance[i * belief.pools.length + i]!;
      return { ...configured, weight: belief.mean[i]!, sd: Math.sqrt(Math.max(0, variance)) };
    }),
  }));
}
