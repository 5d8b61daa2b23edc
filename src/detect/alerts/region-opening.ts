/** Opening of regional alerts. A fall must beat every other explanation, be distinct from open alerts, and show in the levels. */

import type { NotOpenedReason } from "../../model/not-opened.ts";
import { candidatesOf, isOpenAlready, verdict } from "../decide/candidates.ts";
import { remainingNow } from "../estimate/present-levels.ts";
import { rivalsBeforeOpening } from "../hypotheses/list.ts";
import type { Posterior } from "../hypotheses/posterior.ts";
import { type Evaluation, evaluateScale, scalePriors, withOutages } from "../search/evaluate.ts";
import type { RegionAlert } from "../state/alert-state.ts";
import { regionAlerts } from "../state/state.ts";
import type { ScaleView, TickContext } from "../state/tick-context.ts";
import type { SufficientStatistics } from "../statistics/scale-state.ts";
import type { KnownFall } from "../statistics/subtract-falls.ts";
import { blockEvidenceOf } from "./block-ratios.ts";
import { isHabit } from "./daily-habit.ts";
import { clearOfDips, clearOfFalls, ECHO_MS, statisticsBeside } from "./known-falls.ts";
import { forgetHeld, holdBack } from "./not-opened.ts";
import { draft, nameOf, publish } from "./region-draft.ts";
import { isContradictedByLevels } from "./region-levels.ts";
import { witnessEvidenceOf } from "./witness-ratios.ts";

/** Age, in steps, from which an opening must show in the levels too; how much of it is `levelCheck` of the configuration. */
const LEVEL_CHECK_STEPS = { fast: 9, slow: 1 } as const;
/**
 * Log odds above the threshold that an alert needs beside a known fall. None on the fast scale beside a region's fall: its size
 * is fitted anew in every row, and more of it is a rival (`decide/candidates.ts`). A fall of everything has neither, and its
 * errors reach every region. On the slow scale a region's fit has errors of shape too.
 */
const BESIDE_REGION_LOG_ODDS = { fast: 0, slow: 6 } as const;
const BESIDE_EVERYTHING_LOG_ODDS = 6;
/** Nats above the bar from which an opening that could name no region waits no longer than others. */
const PLAIN = 6;
/** What stays further below the threshold than this, nats, is not recorded as not opened. */
const NEAR_THRESHOLD = 3;

/** Whether a fall is open, withheld or known as one of everything. */
function isBeside({ state }: TickContext, beyond: boolean): boolean {
  return beyond || regionAlerts(state).length > 0 || state.withheld.some((held) => !held.settled);
}

/** Log odds that an opening needs. `beyond`: whether known dips are subtracted. */
function barOf(context: TickContext, view: ScaleView, beyond: boolean): number {
  if (beyond) return view.threshold + BESIDE_EVERYTHING_LOG_ODDS;
  return view.threshold + (isBeside(context, beyond) ? BESIDE_REGION_LOG_ODDS[view.name] : 0);
}

/** Whether the evaluation may open an alert, and the log odds it needs. `beyond`: whether known dips are subtracted. */
function judge(context: TickContext, view: ScaleView, evaluated: Evaluation, beyond: boolean): Judgement {
  const names = context.layout.score.regions.map((entry) => entry.region);
  const openNow = new Set(regionAlerts(context.state).map((alert) => alert.leading));
  const bar = barOf(context, view, beyond);
  const answer = verdict(evaluated.posterior, names, openNow, { threshold: bar, margin: view.scale.spec.margin });
  return { answer, bar, beside: isBeside(context, beyond), beyond };
}

interface Judgement {
  readonly answer: ReturnType<typeof verdict>;
  readonly bar: number;
  /** Whether a regional fall is open or withheld, or a dip is known. */
  readonly beside: boolean;
  /** Whether known dips are subtracted. */
  readonly beyond: boolean;
}

/**
 * The fast scale: opens what it finds, with the effects of open alerts subtracted. Where it finds nothing and dips are known, it
 * evaluates once more with the dips subtracted as well. Returns the evaluation that decided.
 */
export function openFast(context: TickContext, view: ScaleView, evaluated: Evaluation): Evaluation {
  const first = judge(context, view, evaluated, false);
  if (first.answer !== "no" || context.state.networkFalls.length === 0) {
    openAs(context, view, evaluated, first);
    return evaluated;
  }
  const beyond = evaluateBeyondDips(context, view);
  openAs(context, view, beyond, judge(context, view, beyond, true));
  return beyond;
}

/** Opens what a scale finds, with the effects of open alerts subtracted. */
export function openRegions(context: TickContext, view: ScaleView, evaluated: Evaluation): void {
  openAs(context, view, evaluated, judge(context, view, evaluated, false));
}

function openAs(context: TickContext, view: ScaleView, evaluated: Evaluation, judgement: Judgement): void {
  const { state, layout } = context;
  const names = layout.score.regions.map((entry) => entry.region);
  const found = evaluated.posterior;
  const lead = found?.regions[0] === undefined ? "" : names[found.regions[0].index]!;
  if (judgement.answer === "no" || found === undefined) {
    state.pending[view.name] = { lead: "", steps: 0, standing: 0 };
    const reason = found === undefined ? null : whyNo(context, view, found, judgement);
    if (reason !== null) holdBack(context, heldRegion(lead, reason, found!, judgement));
    return;
  }
  const stopped = stoppedBy(context, view, evaluated, found, lead, judgement);
  if (typeof stopped === "string") {
    holdBack(context, heldRegion(lead, stopped, found, judgement));
    return;
  }
  forgetHeld(context, { scope: "region", region: lead, pool: null });
  publish(context, stopped);
}

const heldRegion = (region: string, reason: NotOpenedReason, found: Posterior, { bar }: Judgement) =>
  ({ scope: "region", region, pool: null, reason, score: found.total, needed: bar }) as const;

/** Why an evaluation opens nothing; null where nothing came near the threshold. */
function whyNo(context: TickContext, view: ScaleView, found: Posterior, { bar }: Judgement): NotOpenedReason | null {
  const names = context.layout.score.regions.map((entry) => entry.region);
  const open = new Set(regionAlerts(context.state).map((alert) => alert.leading));
  if (found.regions.length === 0 || isOpenAlready(found, names, open)) return null;
  if (found.total < view.threshold - NEAR_THRESHOLD) return null;
  if (found.total < found.rivals + view.scale.spec.margin) return "rival";
  if (found.total < view.threshold) return "budget";
  if (found.total < bar) return "beside-open";
  return found.isWitnessed ? "witnesses-alone" : null;
}

/** The alert to open for what passed the threshold, or the reason why it is held back at this step. */
function stoppedBy(
  context: TickContext,
  view: ScaleView,
  evaluated: Evaluation,
  found: Posterior,
  lead: string,
  { answer, bar, beside, beyond }: Judgement,
): NotOpenedReason | RegionAlert {
  const { state, layout, compiled } = context;
  const names = layout.score.regions.map((entry) => entry.region);
  const pending = state.pending[view.name];
  const steps = lead === pending.lead ? pending.steps + 1 : 1;
  const standing = (pending.standing ?? 0) + 1;
  state.pending[view.name] = { lead, steps, standing };
  // Six hours are little for a fall of days, so the slow scale always waits for a second evaluation.
  const atOnce = answer === "sure" && view.name === "fast";
  const named = nameOf(context, candidatesOf(found, names)) !== null;
  const plain = view.name === "fast" && found.total >= bar + PLAIN;
  // Beside an open alert, a fall that fits several regions is more likely a misfit of the first than a second fall.
  if (!named && beside) return "beside-open";
  const stood = standing * view.scale.spec.stepSeconds;
  const ready = named || plain ? atOnce || steps >= 2 : stood >= compiled.settings.patienceSeconds[view.name];
  if (!ready) return "patience";
  if (isAboutToSpeak(context, evaluated)) return "awaited-figure";
  const alert = draft(context, view, evaluated, found);
  // Pools with long averaging windows do not show it yet and so contradict it. A tick or two later they do.
  if (alert.region === null && beside) return "beside-open";
  if (alert.opposed && stood < compiled.settings.patienceSeconds[view.name]) return "patience";
  state.pending[view.name] = { lead: "", steps: 0, standing: 0 };
  if (hasRival(context, view, evaluated, beyond, alert)) return "passing-dip";
  if (!levelsAgree(context, view, alert)) return "levels";
  if (view.name === "fast" && alert.region !== null && isContradictedByLevels(context, view, alert)) return "levels";
  if (view.name !== "fast" || !isHabit(context, view, alert)) return alert;
  state.withheld.push(alert);
  return "habit";
}

/**
 * Whether a figure for just one of the possible regions is held in quarantine, because it fell further than its past makes
 * possible. The next step decides whether it counts. Until then the other rows alone might name a neighbour.
 */
function isAboutToSpeak({ state, layout }: TickContext, evaluated: Evaluation): boolean {
  const names = layout.score.regions.map((entry) => entry.region);
  // A listed region's own figure is worth waiting one step for.
  const possible = new Set(candidatesOf(evaluated.posterior!, names).map(({ region }) => region));
  return state.rows.some(({ region }, row) => {
    const { heldCount, held, lastGood } = state.gate[row]!.steps;
    return heldCount === 1 && held < lastGood && region !== null && possible.has(region);
  });
}

/**
 * Whether a transient dip that is already returning explains the figures better than what would open. Evaluated only here, for
 * its cost. It is compared with itself and the region's fall together, because a dip at another time, or the error of an open
 * fall's fit, explains other figures and does not contradict the region's fall.
 */
function hasRival(
  context: TickContext,
  view: ScaleView,
  evaluated: Evaluation,
  beyond: boolean,
  alert: RegionAlert,
): boolean {
  const { scale, state, banks } = view;
  const { score: model } = context.layout;
  const without = (also: readonly KnownFall[]): number => {
    // All onsets are searched, not only those where a new fall may begin, because a passing dip began earlier.
    const sums = statisticsBeside(context, view, { also, ...(beyond ? { dipsBefore: context.at } : {}) });
    return rivalsBeforeOpening({
      model,
      statistics: withOutages(sums, scale, state, model),
      priors: scalePriors(scale, state, model),
      shortlist: { regions: [], regional: [], networkWide: [] },
      other: null,
      history: { state, spec: scale.spec, banks },
    });
  };
  const { total } = evaluated.posterior!;
  const alone = without([]) + scale.spec.margin;
  if (total >= alone) return false;
  return total + Math.max(0, without([alert])) < alone;
}

/** Whether levels show the fall too. If they do not, hours after the onset, the filters mistook a slow drift for a fall. */
function levelsAgree(context: TickContext, view: ScaleView, alert: RegionAlert): boolean {
  const age = (context.at - alert.onset) / (view.scale.spec.stepSeconds * 1000);
  if (age < LEVEL_CHECK_STEPS[view.name]) return true;
  const now = remainingNow(context, view, alert, 0.1);
  return now === null || now.fraction >= context.compiled.settings.levelCheck;
}

/** Earliest onset of another alert, ms. What began before the last end is past. */
function firstNewOnset(context: TickContext, view: ScaleView): number {
  const memory = view.scale.spec.maxAge * view.scale.spec.stepSeconds * 1000;
  const echoes = context.state.networkFalls
    .filter((dip) => view.name === "fast" && context.at - dip.onset > memory - ECHO_MS / 4)
    .map((dip) => dip.onset + ECHO_MS);
  const open = clearOfFalls(view, regionAlerts(context.state));
  return Math.max(0, open, ...echoes, ...Object.values(context.state.closedAt));
}

/** Evaluates one scale with the effects of all open alerts subtracted. */
export function evaluateClean(context: TickContext, view: ScaleView): Evaluation {
  const from = firstNewOnset(context, view);
  return evaluateFrom(context, view, statisticsBeside(context, view, { from }), from, barOf(context, view, false));
}

/** The same with known dips subtracted too, for onsets well after them. */
function evaluateBeyondDips(context: TickContext, view: ScaleView): Evaluation {
  const from = Math.max(firstNewOnset(context, view), clearOfDips(context, view));
  return evaluateFrom(
    context,
    view,
    statisticsBeside(context, view, { from, dipsBefore: context.at }),
    from,
    barOf(context, view, true),
  );
}

function evaluateFrom(
  context: TickContext,
  view: ScaleView,
  statistics: SufficientStatistics,
  from: number,
  threshold: number,
): Evaluation {
  return evaluateScale({
    scale: view.scale,
    state: view.state,
    model: context.layout.score,
    statistics,
    threshold,
    span: { from, to: context.at },
    other: blockEvidenceOf(context, view.state),
    witnesses: witnessEvidenceOf(context, view.state),
    ...(view.name === "fast" ? { banks: view.banks } : {}),
  });
}
