/** Learning of weights in a tick: applies people's verdicts, keeps falls that ended, and computes the weights that hold now. */
import type { LabelSample } from "../../model/label.ts";
import type { DetectorModel, DetectorPool } from "../contract.ts";
import type { Row } from "../model/score-model.ts";
import type { WeightsNow } from "../network-model.ts";
import type { RegionAlert } from "../state/alert-state.ts";
import { regionAlerts } from "../state/state.ts";
import type { TickContext } from "../state/tick-context.ts";
import { agedPools } from "./age.ts";
import {
  type KeptFall,
  keepFall,
  type Label,
  labelByPerson,
  labelByWitness,
  learnedBeliefs,
  learnedPools,
} from "./learned.ts";

/** Rows with a larger variance of their fall, relative to their level, are left out. */
const MOST_VARIANCE = 1;
/** Least rank of a cause that verifies its region's fall: a connectivity signal or a verified outage. */
const VERIFYING_RANK = 2;

export function isLearning(model: DetectorModel): boolean {
  return model.detection.learnWeights !== false;
}

/** An alert's fall as the pools' own figures measured it, without the prior of the region's weights. */
export function fallOf(rows: readonly Row[], alert: RegionAlert): KeptFall | null {
  const seen = alert.levels ?? alert.seen;
  if (seen === undefined) return null;
  const pools: string[] = [];
  const fall: number[] = [];
  const variance: number[] = [];
  rows.forEach(({ pool, region }, k) => {
    const [a, b, reference, base] = [seen.a[k] ?? 0, seen.b[k] ?? 0, seen.reference[k] ?? 0, alert.base[k] ?? 0];
    if (region !== null || !(b > 0) || !(reference > 0) || !(base > 0) || 1 / b > MOST_VARIANCE) return;
    // Statistics are relative to the reference, weights to the level before the fall.
    const scale = reference / base;
    pools.push(pool);
    fall.push(Number(((scale * a) / b).toPrecision(6)));
    variance.push(Number((scale ** 2 / b).toPrecision(6)));
  });
  return pools.length === 0
    ? null
    : { alert: alert.id, named: alert.region, startedAt: alert.startedAt, pools, fall, variance };
}

/** Applies people's verdicts on open and recently ended alerts. Verdicts that cannot be used are counted in `rejected`. */
export function learnFromPeople(
  { state, layout }: Pick<TickContext, "state" | "layout">,
  labels: readonly LabelSample[],
  rejected: Record<string, number>,
): void {
  if (labels.length === 0) return;
  const open = regionAlerts(state).flatMap((alert) => fallOf(layout.rows, alert) ?? []);
  const inOrder = [...labels].sort((x, y) => x.at - y.at || (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1));
  for (const label of inOrder) {
    const why = labelByPerson(state.learned, label, open);
    if (why !== null) rejected[why] = (rejected[why] ?? 0) + 1;
  }
}

/**
 * Keeps the falls whose alerts ended at this tick. A fall that ended by its return and was verified by a witness becomes a
 * label.
 */
export function keepEndedFalls(context: TickContext, before: readonly RegionAlert[], from: number): void {
  const { state, layout, at } = context;
  const open = new Set(regionAlerts(state));
  for (const alert of before) {
    if (open.has(alert) || state.alerts.some(({ id }) => id === alert.id)) continue;
    const end = context.events.slice(from).find(({ id, type }) => id === alert.id && type === "resolved");
    if (end?.resolution !== "recovered" && end?.resolution !== "new-regime") continue;
    const fall = fallOf(layout.rows, alert);
    if (fall === null) continue;
    keepFall(state.learned, fall);
    const { cause, region } = alert;
    const isVerified = cause !== undefined && cause.rank >= VERIFYING_RANK && cause.region === region;
    if (region !== null && isVerified) labelByWitness(state.learned, fall, region, at);
  }
}

export function sameLabels(x: readonly Label[], y: readonly Label[]): boolean {
  return x === y || (x.length === y.length && x.every((label, k) => isSame(label, y[k]!)));
}

function isSame(x: Label, y: Label): boolean {
  return x.alert === y.alert && x.region === y.region && x.by === y.by && x.labelledAt === y.labelledAt;
}

/**
 * The weights that hold now. They depend only on the labels and on the age of the configured weights, so that another worker
 * computes the same ones.
 *
 * @param agedAt when, ms, where some are old; null where none is
 */
export function weightsNow(
  pools: readonly DetectorPool[],
  labels: readonly Label[],
  agedAt: number | null,
): WeightsNow {
  const aged = agedAt === null ? pools : agedPools(pools, agedAt);
  const beliefs = learnedBeliefs(aged, labels);
  return { pools: learnedPools(aged, beliefs), beliefs };
}
