/** The pure core: (state, rows of a tick) -> (state, events). What the live worker and `hashfall replay` both run. */
import type { AlertEvent } from "../model/alert.ts";
import { HashfallError } from "../model/errors.ts";
import type { LabelSample } from "../model/label.ts";
import type { PoolSample, RateSample, Sample, WitnessSample } from "../model/sample.ts";
import type { NetworkState, NetworkView } from "../model/view.ts";
import { attachWitnesses } from "./alerts/causes.ts";
import { tellHeld } from "./alerts/not-opened.ts";
import type { Detector, DetectorModel, ExplainBundle, Tick, TickResult } from "./contract.ts";
import { bestPerRow } from "./intake.ts";
import { REST, type Row } from "./model/score-model.ts";
import { type Compiled, compile, type Layout, type Regimes, rowKey } from "./network-model.ts";
import { decodeState, encodeState } from "./state/codec.ts";
import { growRows, initialState } from "./state/initial.ts";
import { countSignals } from "./state/signal-rates.ts";
import { type DetectorState, regionAlerts } from "./state/state.ts";
import type { TickContext } from "./state/tick-context.ts";
import { remember, usableFacts } from "./state/witness-memory.ts";
import { advanceTick } from "./tick.ts";
import { networkStateOf, type Parts, viewOf } from "./view.ts";
import { ageCounter } from "./weights/age.ts";
import { isLearning, keepEndedFalls, learnFromPeople, sameLabels, weightsNow } from "./weights/follow.ts";
import type { Label } from "./weights/learned.ts";

/** Most empty ticks that are run one by one after a gap. A longer gap is skipped: nothing is left to learn from it. */
const GAP_TICKS = 2016;

/** New regional rows, and the rest that each pool's regional rows leave of its total, in order of their names. */
function newRows(known: Layout["index"], found: ReadonlyMap<string, RateSample>): { pool: string; region: string }[] {
  const fresh: [string, { pool: string; region: string }][] = [];
  const rests = new Set<string>();
  for (const [key, { pool, region }] of found) {
    if (region === undefined) continue;
    if (!known.has(key)) fresh.push([key, { pool, region }]);
    const rest = { pool, region: REST };
    if (!found.has(pool) || known.has(rowKey(rest)) || rests.has(pool)) continue;
    rests.add(pool);
    fresh.push([rowKey(rest), rest]);
  }
  return fresh.sort(([x], [y]) => (x < y ? -1 : 1)).map(([, row]) => row);
}

interface RowsByKind {
  readonly pools: readonly PoolSample[];
  /** Facts from witnesses. */
  readonly facts: readonly WitnessSample[];
  /** Verdicts of people on alerts. */
  readonly labels: readonly LabelSample[];
}

function byKind(rows: readonly Sample[]): RowsByKind {
  const pools: PoolSample[] = [];
  const facts: WitnessSample[] = [];
  const labels: LabelSample[] = [];
  for (const row of rows) {
    if (row.kind === "witness") facts.push(row);
    else if (row.kind === "label") labels.push(row);
    else pools.push(row);
  }
  return { pools, facts, labels };
}

/** Makes the detector of one network. This computes gain tables and is slow; `advance` is fast. */
export function createDetector(model: DetectorModel): Detector<DetectorState> {
  const compiled = compile(model);
  const layoutOf = layoutKeeper(compiled);
  const known = new Set(compiled.pools.map((pool) => pool.id));
  const { intervalMs } = compiled;

  function one(
    state: DetectorState,
    at: number,
    rows: readonly Sample[],
    events: AlertEvent[],
    bundles: ExplainBundle[],
  ): { state: DetectorState; rejected: Record<string, number> } {
    const rejected: Record<string, number> = {};
    const { pools, facts, labels } = byKind(rows);
    const found = bestPerRow(pools, known, rejected);
    const fresh = newRows(layoutOf(state).index, found);
    const grown = fresh.length > 0 ? growRows(compiled, state, fresh) : state;
    const layout = layoutOf(grown);
    const weighed = weighedBy(compiled, layout, grown);
    const context: TickContext = { compiled: weighed, layout, state: grown, at, events, bundles, evidence: new Map() };
    const before = regionAlerts(grown);
    const eventsBefore = events.length;
    grown.witnesses = remember(grown.witnesses, facts, at, intervalMs);
    countSignals(grown.signalRates, usableFacts(facts, at, intervalMs), at);
    learnFromPeople(context, labels, rejected);
    advanceTick(context, pools, found, rejected);
    attachWitnesses(context, before, eventsBefore, grown.blind || pools.some((row) => row.backfilled === true));
    keepEndedFalls(context, before, eventsBefore);
    tellHeld(context);
    return { state: grown, rejected };
  }

  return {
    initial: () => initialState(compiled),
    advance(state: DetectorState, tick: Tick): TickResult<DetectorState> {
      if (tick.at <= state.at || tick.at % intervalMs !== 0) {
        throw new HashfallError(
          "TICK_ORDER",
          `tick ${new Date(tick.at).toISOString()} is not a multiple of ${intervalMs} ms after ${new Date(state.at).toISOString()}`,
        );
      }
      const events: AlertEvent[] = [];
      const bundles: ExplainBundle[] = [];
      let now = state;
      if (now.at > 0) {
        const first = now.at + intervalMs;
        const last = Math.min(tick.at - intervalMs, now.at + GAP_TICKS * intervalMs);
        for (let at = first; at <= last; at += intervalMs) now = one(now, at, [], events, bundles).state;
      }
      const done = one(now, tick.at, tick.rows, events, bundles);
      const parts = { compiled, layout: layoutOf(done.state), state: done.state };
      return new TickDone(parts, events, bundles, done.rejected);
    },
    encode: (state) => encodeState(compiled, state),
    decode: (bytes) => decodeState(compiled, bytes),
  };
}

/** The model with the weights that hold now: for block evidence, and the hash that says which weights an event rests on. */
function weighedBy(compiled: Compiled, layout: Layout, { learned }: DetectorState): Compiled {
  const isLearned = isLearning(compiled.model) && learned.revision > 0;
  if (layout.blocks === compiled.blocks && !isLearned) return compiled;
  const configHash = isLearned ? `${compiled.model.configHash}+${learned.revision}` : compiled.model.configHash;
  return { ...compiled, blocks: layout.blocks, model: { ...compiled.model, configHash } };
}

/**
 * Caches layouts by what they depend on. They change only when a regional row appears, a window or a share is learned, a new
 * regime is accepted, or weights age or are learned.
 */
export function layoutKeeper(compiled: Compiled): (state: DetectorState) => Layout {
  const ageAt = ageCounter(compiled.pools);
  let last:
    | {
        readonly regimes: Regimes;
        readonly windows: readonly number[];
        readonly parts: readonly number[];
        readonly age: number;
        readonly labels: readonly Label[];
        readonly layout: Layout;
      }
    | undefined;
  return ({ rows, regimes, windows, parts, at, learned }) => {
    const age = ageAt(at);
    const labels = isLearning(compiled.model) ? learned.labels : [];
    const same =
      last !== undefined &&
      sameRows(last.layout.rows, rows) &&
      sameRegimes(last.regimes, regimes) &&
      sameNumbers(last.windows, windows) &&
      sameNumbers(last.parts, parts) &&
      last.age === age &&
      sameLabels(last.labels, labels);
    if (last === undefined || !same) {
      const weights = weightsNow(compiled.pools, labels, age === 0 ? null : at);
      const layout = compiled.layout(rows, { regimes, windows, parts, weights });
      last = { regimes: { ...regimes }, windows: [...windows], parts: [...parts], age, labels, layout };
    }
    return last.layout;
  };
}

function sameRows(x: readonly Row[], y: readonly Row[]): boolean {
  if (x === y) return true;
  return x.length === y.length && x.every(({ pool, region }, k) => pool === y[k]!.pool && region === y[k]!.region);
}

function sameNumbers(x: readonly number[], y: readonly number[]): boolean {
  return x.length === y.length && x.every((value, row) => value === y[row]);
}

function sameRegimes(x: Regimes, y: Regimes): boolean {
  for (const region in y) if (x[region] !== y[region]) return false;
  return Object.keys(x).length === Object.keys(y).length;
}

/** The view is computed when it is read: a replay reads none. */
export class TickDone implements TickResult<DetectorState> {
  readonly state: DetectorState;
  readonly events: readonly AlertEvent[];
  readonly bundles: readonly ExplainBundle[];
  readonly rejected: Readonly<Record<string, number>>;
  readonly #parts: Parts;
  #view: NetworkView | undefined;

  constructor(
    parts: Parts,
    events: readonly AlertEvent[],
    bundles: readonly ExplainBundle[],
    rejected: Readonly<Record<string, number>>,
  ) {
    this.state = parts.state;
    this.events = events;
    this.bundles = bundles;
    this.rejected = rejected;
    this.#parts = parts;
  }

  get networkState(): NetworkState {
    return networkStateOf(this.#parts);
  }

  get view(): NetworkView {
    this.#view ??= viewOf(this.#parts, this.rejected);
    return this.#view;
  }
}
