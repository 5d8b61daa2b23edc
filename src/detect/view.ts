/** What the detector believes at this tick, for the page, /metrics and the socket. */
import type { NetworkState, NetworkView, PoolEstimate, RegionEstimate } from "../model/view.ts";
import { blocksAlone } from "./block-step.ts";
import type { Compiled, Layout } from "./compiled.ts";
import { regionAlerts } from "./lifecycle/region-list.ts";
import { sourceVerdicts } from "./lifecycle/source.ts";
import { isWarm, WARM_SECONDS } from "./quality/warm.ts";
import type { DetectorState } from "./state/state.ts";

interface Parts {
  readonly compiled: Compiled;
  readonly layout: Layout;
  readonly state: DetectorState;
}

const HOUR = 3_600_000;

function poolEstimate({ state, compiled }: Parts, row: number): PoolEstimate {
  const gate = state.gate[row]!;
  const pool = state.rows[row]!.pool;
  const warm = isWarm(gate, state.at);
  const expected = state.fast.reference[row]!;
  const current = gate.acceptedAt === state.at;
  const innovation = state.fast.ringInnovation[state.fast.ringHead * state.rows.length + row]!;
  const variance = state.fast.ringVariance[state.fast.ringHead * state.rows.length + row]!;
  const fresh = gate.acceptedAt > 0 && state.at - gate.acceptedAt <= 2 * compiled.intervalMs;
  return {
    pool,
    ...(gate.acceptedAt > 0 ? { sampledAt: gate.acceptedAt } : {}),
    ...(fresh ? { hashrate: gate.last } : {}),
    ...(expected > 0 ? { expected } : {}),
    ...(current && variance > 0 && Number.isFinite(innovation) ? { residual: -innovation / Math.sqrt(variance) } : {}),
    state: gate.frozen ? "stale" : gate.refusal !== null ? "rejected" : !fresh ? "missing" : warm ? "ok" : "warming",
    ...(warm || gate.firstAt === 0 ? {} : { warmAt: gate.firstAt + WARM_SECONDS * 1000 }),
  };
}

function regionEstimates({ state, layout }: Parts, scores: ReadonlyMap<string, number>): RegionEstimate[] {
  const alerts = regionAlerts(state);
  return layout.score.regions.map(({ region, rows, weight }): RegionEstimate => {
    const alert = alerts.find((entry) => entry.leading === region);
    let expected = 0;
    let now = 0;
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!;
      if (!layout.score.counted[row]) continue;
      const away = alerts.reduce((sum, entry) => sum + (entry.fallHashrate[row] ?? 0) * entry.remaining, 0);
      const level = state.at - state.recentAt[row]! <= HOUR ? state.recent[row]! + away : 0;
      expected += weight[k]! * level;
    }
    const score = scores.get(region);
    const known = score === undefined ? { region } : { region, score };
    if (!(expected > 0)) return known;
    const drop = alert ? Math.min(1, Math.max(0, alert.drop.estimate * Math.min(1, alert.remaining))) : 0;
    now = expected * (1 - drop);
    return { ...known, hashrate: now, expected, drop };
  });
}

function networkState(parts: Parts): { state: NetworkState; warmAt?: number } {
  const { state } = parts;
  if (state.blind) return { state: "blind" };
  const { warm: blocksWarm, warmAt: blocksWarmAt } = state.blockFeed;
  if ((blocksWarm || blocksWarmAt > 0) && blocksAlone({ state, at: state.at })) {
    return blocksWarm ? { state: "ok" } : { state: "warming", warmAt: Math.max(blocksWarmAt, state.at) };
  }
  const whole = state.rows.flatMap((row, index) => (row.region === null ? [state.gate[index]!] : []));
  const warm = whole.filter((gate) => isWarm(gate, state.at)).length;
  if (warm < Math.max(1, whole.length / 2)) {
    const times = whole
      .map((gate) => (gate.firstAt > 0 ? gate.firstAt : state.at) + WARM_SECONDS * 1000)
      .sort((a, b) => a - b);
    const warmAt = times[Math.max(0, Math.ceil(whole.length / 2) - 1)];
    return { state: "warming", ...(warmAt === undefined ? {} : { warmAt: Math.max(warmAt, state.at) }) };
  }
  const lost = whole.filter((gate) => gate.acceptedAt > 0 && state.at - gate.acceptedAt > HOUR).length;
  return { state: lost > 0 ? "degraded" : "ok" };
}

/** A part of the network this large must not be left out of its sum silently: the sum would show a fall that is none. */
const UNKNOWN_SHARE = 0.02;
/** A pool that has said nothing for so long has left the sum for good. */
const GONE = 24 * HOUR;

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
    if (age <= HOUR) known += gate.last;
    else unknown += gate.last;
  });
  return known > 0 && unknown <= UNKNOWN_SHARE * (known + unknown) ? known : null;
}

export function viewOf(parts: Parts, rejected: Record<string, number>): NetworkView {
  const { state, compiled } = parts;
  const pools = state.rows.flatMap((row, index) => (row.region === null ? [poolEstimate(parts, index)] : []));
  const hashrate = networkHashrate(parts);
  return {
    network: compiled.model.network,
    at: state.at,
    ...networkState(parts),
    ...(hashrate === null ? {} : { hashrate }),
    regions: regionEstimates(parts, new Map(Object.entries(state.scores))),
    pools,
    sources: sourceVerdicts(state),
    rejected,
  };
}
