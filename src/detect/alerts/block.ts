/** Alerts of a network that has no pool figures: opened, followed and closed by counts of blocks, which takes hours to days. */

import type { BlockSample, Sample } from "../../model/sample.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../model/time-units.ts";
import type { BlockEvidence, BlockFit, BlockOpinion, BlockState } from "../blocks/contract.ts";
import { blocksBundle } from "../evidence/bundle.ts";
import { emptyAlert, type RegionAlert } from "../state/alert-state.ts";
import { regionAlerts } from "../state/state.ts";
import type { TickContext } from "../state/tick-context.ts";
import { emit, emitResolved, nextId, rounded } from "./events.ts";
import { MOST_EVIDENCE } from "./lifecycle.ts";
import { isLasting, raisedSeverity, severityOf } from "./severity.ts";

/** An update is published when the estimate has moved by this part of the published one. Counts change with every block. */
const BLOCK_CHANGE = 0.25;
const BLOCK_REST_MS = 12 * HOUR_MS;
/** The drop that is subtracted from the expected counts follows the fitted one when the two differ by more than this. */
const HELD_STEP = 0.05;

/** The block evidence of a network that has it, with what it remembers. */
interface Blocks {
  readonly evidence: BlockEvidence;
  readonly memory: BlockState;
}

function applyOnset(alert: RegionAlert, { onset }: BlockFit, at: number): void {
  const whole = (time: number): number => Math.round(Math.min(time, at) / MINUTE_MS) * MINUTE_MS;
  alert.startedAt = whole(onset.estimate);
  alert.startedAtLow = whole(onset.low);
  alert.startedAtHigh = whole(onset.high);
  alert.onset = alert.startedAt;
}

/** The size of the fall. Its onset stands as it was fitted at opening: later fits see only the kept blocks. */
function applySize(alert: RegionAlert, fit: BlockFit): void {
  alert.drop = { ...fit.drop };
  alert.lost = { ...fit.lostHashrate, networkShare: fit.lostShare.estimate };
  alert.evidence = fit.evidence.slice(0, MOST_EVIDENCE).map((entry) => ({
    pool: entry.pool,
    expected: rounded(entry.expected),
    observed: entry.observed,
    score: rounded(entry.score, 3),
    unit: "blocks" as const,
  }));
}

function open(
  context: TickContext,
  { evidence, memory }: Blocks,
  opinion: Extract<BlockOpinion, { kind: "open" }>,
): void {
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
  const { threshold } = evidence;
  context.evidence.set(alert.id, (event) => blocksBundle(event, threshold, opinion.score, opinion.margin));
  evidence.hold(memory, {
    region: alert.leading,
    drop: opinion.fit.drop.estimate,
    since: opinion.fit.onset.estimate,
  });
  emit(context, alert, "opened");
}

function keep(
  context: TickContext,
  { evidence, memory }: Blocks,
  alert: RegionAlert,
  opinion: Extract<BlockOpinion, { kind: "keep" }>,
): void {
  const { compiled, at } = context;
  const held = evidence.held(memory).find((fall) => fall.region === alert.leading);
  // The subtracted drop follows the fit. Otherwise a fall that deepens would look like a second one, and the new regime would
  // be wrong.
  if (held && Math.abs(opinion.fit.drop.estimate - held.drop) > HELD_STEP) {
    evidence.hold(memory, { ...held, drop: opinion.fit.drop.estimate });
  }
  const before = alert.severity;
  const change = Math.abs(opinion.fit.lostHashrate.estimate - alert.published.lost);
  if (change > BLOCK_CHANGE * alert.published.lost && at - alert.updatedAt >= BLOCK_REST_MS)
    applySize(alert, opinion.fit);
  const probability = alert.candidates.reduce((sum, entry) => sum + entry.probability, 0);
  const fromShare = severityOf(compiled.model.detection.severity, alert.lost.networkShare, probability);
  alert.severity = raisedSeverity(alert.severity, fromShare, isLasting(context, alert.openedAt));
  context.evidence.set(alert.id, (event) => blocksBundle(event, evidence.threshold));
  if (alert.severity !== before || alert.lost.estimate !== alert.published.lost) emit(context, alert, "updated");
}

/** Applies one evaluation: updates, closes and opens the alerts it speaks of. */
function followBlocks(context: TickContext, blocks: Blocks, opinions: readonly BlockOpinion[]): void {
  const { state, compiled, at } = context;
  const mine = (region: string): RegionAlert | undefined =>
    regionAlerts(state).find((alert) => alert.scale === "blocks" && alert.leading === region);
  for (const opinion of opinions) {
    const alert = mine(opinion.region);
    if (opinion.kind === "open" && !alert) open(context, blocks, opinion);
    if (!alert) continue;
    if (opinion.kind === "keep") keep(context, blocks, alert, opinion);
    if (opinion.kind !== "resolve") continue;
    state.alerts = state.alerts.filter((entry) => entry !== alert);
    blocks.evidence.end(
      blocks.memory,
      alert.leading,
      opinion.resolution === "retracted" ? { kind: "retracted" } : { kind: "recovered", endedAt: opinion.endedAt },
    );
    emitResolved(context, alert, opinion.resolution, Math.min(opinion.endedAt, at));
  }
  for (const alert of regionAlerts(state)) {
    if (alert.scale !== "blocks") continue;
    if (at - alert.openedAt < compiled.model.detection.newRegimeAfterSeconds * 1000) continue;
    state.alerts = state.alerts.filter((entry) => entry !== alert);
    blocks.evidence.end(blocks.memory, alert.leading, { kind: "new-regime" });
    emitResolved(context, alert, "new-regime", at);
  }
}

/** A network whose pools have said no figure for this long is evaluated from its blocks. */
const FIGURES_GONE_MS = DAY_MS;

/**
 * How often a network without pool figures is checked for silence. Evaluation is triggered by blocks, and silence brings none.
 */
const SILENCE_CHECK_MS = HOUR_MS;

/** Whether no pool has published a figure lately, so that blocks are the only evidence. */
export function blocksAlone(context: Pick<TickContext, "state" | "at">): boolean {
  return !context.state.gate.some((gate) => gate.acceptedAt > 0 && context.at - gate.acceptedAt <= FIGURES_GONE_MS);
}

export function takeBlocks(context: TickContext, rows: readonly Sample[], rejected: Record<string, number>): void {
  const { state, compiled, at } = context;
  if (!compiled.blocks || !state.blocks) return;
  const found = rows.filter((row): row is BlockSample => row.kind === "block");
  if (found.length === 0) return;
  const intake = compiled.blocks.observe(state.blocks, at, found);
  // A blind network is not evaluated: the first block after a silence must be enough to see again.
  if (intake.accepted > 0) state.blockFeed.silent = false;
  const counts = { "block-duplicate": intake.duplicates, "block-late": intake.late, "block-refused": intake.refused };
  for (const [reason, count] of Object.entries(counts))
    if (count > 0) rejected[reason] = (rejected[reason] ?? 0) + count;
}

/**
 * Evaluates blocks when due: opens alerts in a network of blocks alone, and follows them to their end even when figures
 * return.
 */
export function evaluateBlocks(context: TickContext): void {
  const { state, compiled, at } = context;
  const { blocks } = compiled;
  // Evaluation is triggered by blocks. Silence brings none and must still be noticed.
  const alone = blocksAlone(context);
  const check = alone && state.blockFeed.warm && at % SILENCE_CHECK_MS === 0;
  if (!blocks || !state.blocks || !(check || blocks.due(state.blocks, at))) return;
  const evaluation = blocks.evaluate(state.blocks, at);
  state.blockFeed = {
    warm: evaluation.warm,
    warmAt: evaluation.warmAt ?? 0,
    silent: evaluation.feed === "silent",
  };
  const following = regionAlerts(state).some((alert) => alert.scale === "blocks");
  if (!evaluation.warm || !(alone || following)) return;
  const opinions = blocks.decide(state.blocks, evaluation);
  followBlocks(
    context,
    { evidence: blocks, memory: state.blocks },
    alone ? opinions : opinions.filter((opinion) => opinion.kind !== "open"),
  );
  if (!alone) return;
  state.scores = Object.fromEntries(
    evaluation.regions.map((entry) => [entry.region, Number(Math.min(entry.score, entry.margin).toFixed(3))]),
  );
}
