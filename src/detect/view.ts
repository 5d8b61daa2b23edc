/** The detector's estimates at this tick, for the page, /metrics and the socket. */
import { OTHER_REGION } from "../model/region.ts";
import { HOUR_MS } from "../model/time-units.ts";
import type { LearnedWeights, NetworkState, NetworkView, PoolEstimate, RegionEstimate } from "../model/view.ts";
import { blocksAlone } from "./alerts/block.ts";
import { sourceVerdicts } from "./alerts/source.ts";
import type { Compiled, Layout } from "./network-model.ts";
import type { GateRow } from "./quality/gate.ts";
import { isWarm, networkWarmth, speakingPools, warmAtOf } from "./quality/warm-up.ts";
import { type DetectorState, knownRegionFalls } from "./state/state.ts";
import { newestOffset } from "./statistics/onset-grid.ts";
import { isLearning } from "./weights/follow.ts";

export interface Parts {
  readonly compiled: Compiled;
  readonly layout: Layout;
  readonly state: DetectorState;
}

/** A pool that was silent for longer than this no longer counts in totals, ms. */
const GONE = 24 * HOUR_MS;

function poolEstimate({ state, compiled }: Parts, row: number): PoolEstimate {
  const gate = state.gate[row]!;
  const pool = state.rows[row]!.pool;
  const warm = isWarm(gate, state.at);
  const expected = state.fast.reference[row]!;
  const current = gate.acceptedAt === state.at;
  const innovation = state.fast.ringInnovation[newestOffset(state.fast) + row]!;
  const variance = state.fast.ringVariance[newestOffset(state.fast) + row]!;
  const fresh = gate.acceptedAt > 0 && state.at - gate.acceptedAt <= 2 * compiled.intervalMs;
  return {
    pool,
    ...(gate.acceptedAt > 0 ? { sampledAt: gate.acceptedAt } : {}),
    ...(fresh ? { hashrate: gate.last } : {}),
    ...(expected > 0 ? { expected } : {}),
    ...(current && variance > 0 && Number.isFinite(innovation) ? { residual: -innovation / Math.sqrt(variance) } : {}),
    state: gate.frozen ? "stale" : gate.refusal !== null ? "rejected" : !fresh ? "missing" : warm ? "ok" : "warming",
    ...(warm || gate.firstAt === 0 ? {} : { warmAt: warmAtOf(gate, state.at) }),
  };
}

/** A pool that publishes only regional figures has no total, but is as warm as the warmest of its rows. */
function regionalPool({ state, compiled }: Parts, pool: string, rows: readonly GateRow[]): PoolEstimate {
  const newest = Math.max(...rows.map((gate) => gate.acceptedAt));
  const warmAt = Math.min(...rows.map((gate) => warmAtOf(gate, state.at)));
  const fresh = newest > 0 && state.at - newest <= 2 * compiled.intervalMs;
  const frozen = rows.every((gate) => gate.frozen);
  const warm = warmAt <= state.at;
  return {
    pool,
    ...(newest > 0 ? { sampledAt: newest } : {}),
    state: frozen ? "stale" : !fresh ? "missing" : warm ? "ok" : "warming",
    ...(warm ? {} : { warmAt }),
  };
}

/** Warmth of a pool that is known by its blocks alone; null where blocks are not the only evidence. */
function blockPool({ state }: Parts): Pick<PoolEstimate, "state" | "warmAt"> | null {
  const { warm, warmAt, silent } = state.blockFeed;
  if (!(warm || warmAt > 0) || !blocksAlone({ state, at: state.at })) return null;
  if (silent) return { state: "missing" };
  return warm ? { state: "ok" } : { state: "warming", warmAt: Math.max(warmAt, state.at) };
}

function poolEstimates(parts: Parts): PoolEstimate[] {
  const { rows, gate } = parts.state;
  const speaking = speakingPools(parts.state);
  const byBlocks = blockPool(parts);
  return rows.flatMap(({ pool, region }, index) => {
    if (region !== null) return [];
    const spoken = speaking.get(pool);
    if (!spoken && byBlocks) return [{ pool, ...byBlocks }];
    return [gate[index]!.firstAt > 0 || !spoken ? poolEstimate(parts, index) : regionalPool(parts, pool, spoken)];
  });
}

/** A region of which more than this part is not heard of (by the levels last known) is unknown. */
const UNHEARD_MOST = 1 / 3;

/** What pools that are not heard of have of a region is presumed to have moved as the rest did: missing is never zero. */
function regionEstimates({ state, layout }: Parts, scores: ReadonlyMap<string, number>): RegionEstimate[] {
  const alerts = knownRegionFalls(state);
  const listed = layout.score.regions.filter(({ region }) => region !== OTHER_REGION);
  return listed.map(({ region, rows, weight }): RegionEstimate => {
    const gone = alerts.filter((entry) => entry.leading === region);
    let heard = 0;
    let lastHeard = 0;
    let lastUnheard = 0;
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!;
      if (!layout.score.counted[row]) continue;
      const age = state.at - state.recentAt[row]!;
      const last = weight[k]! * state.fast.reference[row]!;
      if (age > HOUR_MS) {
        if (age <= GONE) lastUnheard += last;
        continue;
      }
      const away = alerts.reduce((sum, entry) => sum + (entry.fallHashrate[row] ?? 0) * entry.remaining, 0);
      heard += weight[k]! * (state.recent[row]! + away);
      lastHeard += last;
    }
    const expected = lastHeard > 0 ? (heard * (lastHeard + lastUnheard)) / lastHeard : 0;
    const score = scores.get(region);
    const told = state.detectable[region];
    const detectable = told && { hour: told.hour, day: told.day };
    const known = { region, ...(score === undefined ? {} : { score }), ...(detectable ? { detectable } : {}) };
    if (!(expected > 0) || lastUnheard > UNHEARD_MOST * (lastHeard + lastUnheard)) return known;
    const drop = gone.reduce(
      (most, { drop: fitted, remaining }) => Math.max(most, fitted.estimate * Math.min(1, remaining)),
      0,
    );
    return { ...known, hashrate: expected * (1 - drop), expected, drop };
  });
}

function networkState(parts: Parts): { state: NetworkState; warmAt?: number } {
  const { state } = parts;
  if (state.blind) return { state: "blind" };
  const { warm: blocksWarm, warmAt: blocksWarmAt } = state.blockFeed;
  if ((blocksWarm || blocksWarmAt > 0) && blocksAlone({ state, at: state.at })) {
    return blocksWarm ? { state: "ok" } : { state: "warming", warmAt: Math.max(blocksWarmAt, state.at) };
  }
  const { warm, warmAt } = networkWarmth(state);
  if (!warm) return { state: "warming", ...(warmAt === undefined ? {} : { warmAt }) };
  const lost = [...speakingPools(state).values()].filter((rows) => {
    const newest = Math.max(...rows.map((gate) => gate.acceptedAt));
    return newest > 0 && state.at - newest > HOUR_MS;
  });
  return { state: lost.length > 0 ? "degraded" : "ok" };
}

/** A part of the network this large must not be left out of its sum silently: the sum would show a fall that is none. */
const UNKNOWN_SHARE = 0.02;

/**
 * Sum of the pools' figures, a missing one standing in with its last for an hour; null while the pools of which nothing is
 * known are more than 2 % of it. H/s.
 */
function networkHashrate({ state }: Parts): number | null {
  let known = 0;
  let unknown = 0;
  state.rows.forEach((row, index) => {
    const gate = state.gate[index]!;
    const age = state.at - gate.acceptedAt;
    if (row.region !== null || gate.acceptedAt === 0 || age > GONE) return;
    if (age <= HOUR_MS) known += gate.last;
    else unknown += gate.last;
  });
  return known > 0 && unknown <= UNKNOWN_SHARE * (known + unknown) ? known : null;
}

/** Whether the network can be judged, as the view says it. */
export function networkStateOf(parts: Parts): NetworkState {
  return networkState(parts).state;
}

/** Labels, and the weights of the regions that they are of, as the score takes them. */
function learnedPart({ state, layout, compiled }: Parts): { learned?: LearnedWeights } {
  const { revision, labels } = state.learned;
  if (revision === 0 || !isLearning(compiled.model)) return {};
  const weights = layout.score.regions.flatMap(({ region, rows, weight, sd, covariance }) =>
    covariance === undefined
      ? []
      : [...rows].flatMap((row, k) => {
          const { pool, region: regional } = layout.rows[row]!;
          return regional === null ? [{ region, pool, weight: weight[k]!, sd: sd[k]! }] : [];
        }),
  );
  const said = labels.map(({ alert, region, by, startedAt }) => ({ alert, region, by, startedAt }));
  return { learned: { revision, labels: said, weights } };
}

export function viewOf(parts: Parts, rejected: Readonly<Record<string, number>>): NetworkView {
  const { state, compiled } = parts;
  const hashrate = networkHashrate(parts);
  return {
    network: compiled.model.network,
    at: state.at,
    ...networkState(parts),
    ...(hashrate === null ? {} : { hashrate }),
    regions: regionEstimates(parts, new Map(Object.entries(state.scores))),
    pools: poolEstimates(parts),
    sources: sourceVerdicts(state),
    rejected,
    ...learnedPart(parts),
  };
}
