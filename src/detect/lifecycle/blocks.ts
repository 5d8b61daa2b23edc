/** Alerts of a network that has nothing but blocks: opened, followed and closed by what the counts say, honestly slowly. */
import type { BlockFit, BlockOpinion } from "../blocks/contract.ts";
import { blocksBundle } from "./bundle.ts";
import { nextId, rounded, type TickContext } from "./context.ts";
import { emptyAlert } from "./new-alert.ts";
import type { RegionAlert } from "./open-alert.ts";
import { say, sayResolved } from "./region-events.ts";
import { regionAlerts } from "./region-list.ts";
import { raisedSeverity, severityOf } from "./severity.ts";

const HOUR = 3_600_000;
/** Counts change with every block: said again only when an estimate has left what was said by this part of it. */
const MATERIAL = 0.25;
const REST_MS = 12 * HOUR;
/** The held drop follows the fitted one when they are this far apart. */
const HELD_STEP = 0.05;

function applyOnset(alert: RegionAlert, { onset }: BlockFit, at: number): void {
  const whole = (time: number): number => Math.round(Math.min(time, at) / 60_000) * 60_000;
  alert.startedAt = whole(onset.estimate);
  alert.startedAtLow = whole(onset.low);
  alert.startedAtHigh = whole(onset.high);
  alert.onset = alert.startedAt;
}

/** The size of the fall. Its onset stands as it was fitted at opening: later fits see only the kept blocks. */
function applySize(alert: RegionAlert, fit: BlockFit): void {
  alert.drop = { ...fit.drop };
  alert.lost = { ...fit.lostHashrate, networkShare: fit.lostShare.estimate };
  alert.evidence = fit.evidence.slice(0, 24).map((entry) => ({
    pool: entry.pool,
    expected: rounded(entry.expected),
    observed: entry.observed,
    score: rounded(entry.score, 3),
    unit: "blocks" as const,
  }));
}

function open(context: TickContext, opinion: Extract<BlockOpinion, { kind: "open" }>): void {
  const { state, compiled } = context;
  const alert = emptyAlert(nextId(context, "region"), context.at, "blocks");
  applyOnset(alert, opinion.fit, context.at);
  applySize(alert, opinion.fit);
  alert.leading = opinion.region;
  alert.region = opinion.ambiguous ? null : opinion.region;
  alert.candidates = opinion.candidates.map((entry) => ({ ...entry }));
  alert.logOdds = opinion.margin;
  const probability = alert.candidates.reduce((sum, entry) => sum + entry.probability, 0);
  alert.severity = severityOf(compiled.model.detection.severity, alert.lost.networkShare, probability);
  state.alerts.push(alert);
  const { threshold } = compiled.blocks!;
  context.evidence.set(alert.id, (event) => blocksBundle(event, threshold, opinion.score, opinion.margin));
  compiled.blocks!.hold(state.blocks!, {
    region: alert.leading,
    drop: opinion.fit.drop.estimate,
    since: opinion.fit.onset.estimate,
  });
  say(context, alert, "opened");
}

function keep(context: TickContext, alert: RegionAlert, opinion: Extract<BlockOpinion, { kind: "keep" }>): void {
  const { compiled, state, at } = context;
  const held = compiled.blocks!.held(state.blocks!).find((fall) => fall.region === alert.leading);
  // What is held follows the fit, so that a fall that deepens is no second one and its new regime is the right one.
  if (held && Math.abs(opinion.fit.drop.estimate - held.drop) > HELD_STEP) {
    compiled.blocks!.hold(state.blocks!, { ...held, drop: opinion.fit.drop.estimate });
  }
  const before = alert.severity;
  const change = Math.abs(opinion.fit.lostHashrate.estimate - alert.said.lost);
  if (change > MATERIAL * alert.said.lost && at - alert.updatedAt >= REST_MS) applySize(alert, opinion.fit);
  const probability = alert.candidates.reduce((sum, entry) => sum + entry.probability, 0);
  const fromShare = severityOf(compiled.model.detection.severity, alert.lost.networkShare, probability);
  alert.severity = raisedSeverity(alert.severity, fromShare, (at - alert.openedAt) / 1000);
  context.evidence.set(alert.id, (event) => blocksBundle(event, compiled.blocks!.threshold));
  if (alert.severity !== before || alert.lost.estimate !== alert.said.lost) say(context, alert, "updated");
}

/** One evaluation's opinions. */
export function followBlocks(context: TickContext, opinions: readonly BlockOpinion[]): void {
  const { state, compiled, at } = context;
  const mine = (region: string): RegionAlert | undefined =>
    regionAlerts(state).find((alert) => alert.scale === "blocks" && alert.leading === region);
  for (const opinion of opinions) {
    const alert = mine(opinion.region);
    if (opinion.kind === "open" && !alert) open(context, opinion);
    if (!alert) continue;
    if (opinion.kind === "keep") keep(context, alert, opinion);
    if (opinion.kind !== "resolve") continue;
    state.alerts = state.alerts.filter((entry) => entry !== alert);
    compiled.blocks!.end(
      state.blocks!,
      alert.leading,
      opinion.resolution === "retracted" ? { kind: "retracted" } : { kind: "recovered", endedAt: opinion.endedAt },
    );
    sayResolved(context, alert, opinion.resolution, Math.min(opinion.endedAt, at));
  }
  for (const alert of regionAlerts(state)) {
    if (alert.scale !== "blocks") continue;
    if (at - alert.openedAt < compiled.model.detection.newRegimeAfterSeconds * 1000) continue;
    state.alerts = state.alerts.filter((entry) => entry !== alert);
    compiled.blocks!.end(state.blocks!, alert.leading, { kind: "new-regime" });
    sayResolved(context, alert, "new-regime", at);
  }
}
