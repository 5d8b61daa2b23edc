/** One tick: gate, filters, scores, lifecycle, in this order. */

import { OTHER_REGION } from "../model/region.ts";
import type { RateSample, Sample } from "../model/sample.ts";
import { HOUR_MS } from "../model/time-units.ts";
import { blocksAlone, evaluateBlocks, takeBlocks } from "./alerts/block.ts";
import { disturbedRows, followDips } from "./alerts/known-falls.ts";
import { followNetwork } from "./alerts/network.ts";
import { endRenewed, followPools } from "./alerts/pool.ts";
import { advanceRegionAlert } from "./alerts/region.ts";
import { evaluateClean, openFast, openRegions } from "./alerts/region-opening.ts";
import { followBlindness, followSources } from "./alerts/source.ts";
import { followWithheld } from "./alerts/withheld.ts";
import { BUDGET_SHARE, logThreshold } from "./decide/threshold.ts";
import { followDetectability } from "./detectability-step.ts";
import { intake } from "./intake.ts";
import { advanceSlow, keepHistory, youngestOnset } from "./level-step.ts";
import { SLOW_STEP_SECONDS } from "./model/time-scales.ts";
import { isNetworkWarm, isWarm } from "./quality/warm-up.ts";
import { learnParts, takeRests } from "./rests.ts";
import type { Evaluation } from "./search/evaluate.ts";
import { forgetRows } from "./state/initial.ts";
import { regionAlerts } from "./state/state.ts";
import type { ScaleView, TickContext } from "./state/tick-context.ts";
import { advanceScale } from "./statistics/accumulate.ts";
import { learnWindows } from "./window-step.ts";

/** How long the slow scale opens nothing after a fast or network alert, ms: daily medians still contain that fall. */
const SLOW_MASK_MS = 30 * HOUR_MS;
/** While a score is this near to the threshold, nats, a region may be about to be named, and pool alerts wait. */
const NEAR = 5;

function viewOfScale(context: TickContext, name: "fast" | "slow"): ScaleView {
  const { compiled, layout, state } = context;
  const { falseAlarmsPerMonth } = compiled.model.detection;
  const step = name === "fast" ? compiled.model.intervalSeconds : SLOW_STEP_SECONDS;
  const threshold = logThreshold(falseAlarmsPerMonth, step, BUDGET_SHARE[name]);
  return name === "fast"
    ? { name, scale: compiled.fast, state: state.fast, banks: layout.fastBanks, threshold }
    : { name, scale: compiled.slow, state: state.slow, banks: layout.slowBanks, threshold };
}

function keepScores(context: TickContext, evaluated: Evaluation): void {
  const { layout, state } = context;
  const { posterior, screen } = evaluated;
  const scores: Record<string, number> = {};
  const scored = new Map(posterior?.regions.map((entry) => [entry.index, entry]));
  layout.score.regions.forEach(({ region }, index) => {
    if (region === OTHER_REGION) return;
    const exact = scored.get(index);
    const t = screen.best[index]!;
    if (!exact && !Number.isFinite(t)) return;
    // Not scored in full: the most that its matched filter could reach, with the prior of one region among all.
    const bound = Math.max(0, t) ** 2 / 2 - Math.log(layout.score.regions.length) - 4;
    scores[region] = Math.round(1000 * (exact ? exact.score - posterior!.rivals : Math.min(bound, 0))) / 1000;
  });
  state.scores = scores;
}

function followRegions(context: TickContext, slow: boolean): Evaluation {
  const { state, at } = context;
  const fast = viewOfScale(context, "fast");
  for (const alert of regionAlerts(state)) {
    if (alert.scale === "blocks") continue;
    const view = alert.scale === "fast" ? fast : viewOfScale(context, "slow");
    advanceRegionAlert(context, view, fast, alert, alert.scale === "fast" || slow);
  }
  followWithheld(context, fast);
  const evaluated = evaluateClean(context, fast);
  const last = openFast(context, fast, evaluated);
  followNetwork(context, fast, evaluated);
  keepScores(context, last);
  followDips(context, fast, evaluated, last);
  const isNetworkOpen = state.alerts.some((alert) => alert.scope === "network");
  if (isNetworkOpen || regionAlerts(state).some((alert) => alert.scale === "fast")) state.fastOpenAt = at;
  const masked = state.slowRestartAt > 0 || (state.fastOpenAt > 0 && at - state.fastOpenAt < SLOW_MASK_MS);
  if (slow && !masked) {
    const view = viewOfScale(context, "slow");
    openRegions(context, view, evaluateClean(context, view));
  }
  return last.most > evaluated.most ? last : evaluated;
}

/** Changes the context's state in place and pushes the tick's events. */
export function advanceTick(
  context: TickContext,
  rows: readonly Sample[],
  found: ReadonlyMap<string, RateSample>,
  rejected: Record<string, number>,
): void {
  const { state, compiled, layout, at } = context;
  const taken = intake(context, found, rejected);
  if (state.firstAt === 0 && rows.length > 0) state.firstAt = at;
  state.at = at;
  const renewed = [...taken.renewed, ...takeRests(layout, state, at, compiled.intervalMs, taken.figures)];
  endRenewed(context, renewed);
  forgetRows(state, renewed);
  takeBlocks(context, rows, rejected);
  advanceScale(state.fast, compiled.fast.spec, layout.fastBanks, at, taken.figures, {
    protect: youngestOnset(context, "fast"),
    ready: (row) => isWarm(state.gate[row]!, at),
    disturbed: disturbedRows(context),
  });
  keepHistory(context, taken.figures);
  learnWindows(compiled, state);
  learnParts(compiled, layout, state);
  const slow = advanceSlow(context);
  const backfilled = taken.backfilled || rows.some((row) => row.kind === "block" && row.backfilled === true);
  if (backfilled) return;
  const alone = blocksAlone(context);
  if (followBlindness(context, alone && state.blockFeed.silent)) return;
  evaluateBlocks(context);
  if (!alone) followSources(context);
  if (alone || !isNetworkWarm(state)) return;
  followDetectability(context);
  const evaluated = followRegions(context, slow);
  const fast = viewOfScale(context, "fast");
  const near = evaluated.most > fast.threshold - NEAR;
  followPools(context, fast, near);
}
