/** The bundle of a regional alert: everything its figures were computed from, small enough to keep with it. */
import type { AlertEvent } from "../../model/alert.ts";
import { progressOf } from "../estimate/region-fit.ts";
import type { OtherEvidence, WitnessEvidence } from "../hypotheses/hypothesis.ts";
import type { ScoreModel } from "../model/score-model.ts";
import { type Evaluation, onsetSteps } from "../search/evaluate.ts";
import type { RegionAlert } from "../state/alert-state.ts";
import type { ScaleView } from "../state/tick-context.ts";
import { cellOffset, onsetOfCell, rampOfCell } from "../statistics/onset-grid.ts";
import type { Bundle, FiguresBundle, LevelsBundle } from "./recompute.ts";

/** Most numbers in a bundle: all scored cells are kept, fewer where there are many rows. */
const NUMBERS = 16_000;

/** Evidence of blocks per scored onset. */
function blockPart(other: OtherEvidence, cells: readonly number[], ramps: number): FiguresBundle["blocks"] {
  const slots = [...new Set(cells.map((cell) => onsetOfCell(cell, ramps)))].sort((a, b) => a - b);
  return slots.map((slot) => ({ slot, regions: [...other.regions(slot)], wide: [...other.wide(slot)] }));
}

/** Evidence of witnesses per scored onset. */
function witnessPart(witnesses: WitnessEvidence, cells: readonly number[], ramps: number): FiguresBundle["witnesses"] {
  const slots = [...new Set(cells.map((cell) => onsetOfCell(cell, ramps)))].sort((a, b) => a - b);
  return slots.map((slot) => {
    const unlisted = witnesses.unlisted(slot);
    return {
      slot,
      regions: [...witnesses.regions(slot)],
      ...(unlisted.size > 0 ? { unlisted: Object.fromEntries(unlisted) } : {}),
    };
  });
}

/** The part that every bundle of pool figures contains. */
function ground(
  alert: RegionAlert,
  event: AlertEvent,
  view: ScaleView,
  model: ScoreModel,
): Omit<LevelsBundle, "kind" | "levels"> {
  const { spec } = view.scale;
  return {
    event,
    scale: view.name,
    rows: model.rows.map((row) => ({ ...row })),
    regions: model.regions.map((entry) => ({
      region: entry.region,
      rows: [...entry.rows],
      weight: [...entry.weight],
      sd: [...entry.sd],
      ...(entry.covariance ? { covariance: [...entry.covariance] } : {}),
    })),
    operators: model.operators.map((entry) => ({ operator: entry.operator, rows: [...entry.rows] })),
    counted: [...model.counted],
    reference: [...view.state.reference],
    base: [...alert.base],
    prior: { own: spec.own, wander: spec.wander, widePrior: spec.widePrior },
  };
}

type LevelsPart = LevelsBundle["levels"];

const levelsPart = ({ a, b, reference }: LevelsPart): LevelsPart => ({ a, b, reference });

/** The bundle of an update that came from levels alone. */
export function levelsBundle(
  alert: RegionAlert,
  event: AlertEvent,
  view: ScaleView,
  model: ScoreModel,
  levels: LevelsPart,
): LevelsBundle {
  return { kind: "levels", ...ground(alert, event, view, model), levels: levelsPart(levels) };
}

export function figuresBundle(
  alert: RegionAlert,
  event: AlertEvent,
  view: ScaleView,
  model: ScoreModel,
  evaluated: Evaluation,
): FiguresBundle {
  const rows = model.rows.length;
  const { spec } = view.scale;
  const steps = onsetSteps(view.state, view.scale);
  const { ramps, slots } = evaluated.statistics;
  const most = Math.max(1, Math.floor(NUMBERS / (4 * rows)));
  const { regions, regional, networkWide } = evaluated.posterior!.summed;
  const summed = {
    regions: [...regions],
    regional: regional.slice(0, most),
    networkWide: networkWide.slice(0, most),
  };
  const cells = [...new Set([...summed.regional, ...summed.networkWide])];
  const progress = progressOf(view.state, spec);
  return {
    kind: "figures",
    ...ground(alert, event, view, model),
    onsets: Array.from({ length: slots }, (_, s) => ({
      at: view.state.slotAt[s]!,
      weight: steps[s]!,
    })),
    rampSeconds: [...spec.rampSeconds],
    rampPrior: [...spec.rampPrior],
    ...(evaluated.fall ? { networkFall: evaluated.fall.score } : {}),
    ...(evaluated.regionPrior ? { regionPrior: [...evaluated.regionPrior] } : {}),
    best: [...evaluated.screen.best].map((value) => (Number.isFinite(value) ? value : null)),
    peak: evaluated.screen.peak,
    summed,
    ...(regional.length > most || networkWide.length > most ? { cut: true } : {}),
    combos: cells.map((cell) => ({
      slot: onsetOfCell(cell, ramps),
      ramp: rampOfCell(cell, ramps),
      t: evaluated.screen.cells[cell]!,
      progress: progress(cell),
      ...(evaluated.statistics.outages ? { outages: [...evaluated.statistics.outages.logAt(cell)] } : {}),
      a: [...evaluated.statistics.a.subarray(cellOffset(cell, rows), cellOffset(cell + 1, rows))],
      b: [...evaluated.statistics.b.subarray(cellOffset(cell, rows), cellOffset(cell + 1, rows))],
    })),
    ...(evaluated.other ? { blocks: blockPart(evaluated.other, cells, ramps) } : {}),
    ...(evaluated.witnesses ? { witnesses: witnessPart(evaluated.witnesses, cells, ramps) } : {}),
    ...(alert.levels ? { levels: levelsPart(alert.levels) } : {}),
    threshold: view.threshold,
    margin: spec.margin,
  };
}

export function blocksBundle(event: AlertEvent, threshold: number, score?: number, margin?: number): Bundle {
  return {
    kind: "blocks",
    event,
    threshold,
    ...(score === undefined ? {} : { score }),
    ...(margin === undefined ? {} : { margin }),
  };
}
