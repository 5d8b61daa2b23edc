/** The pure core: (state, rows of a tick) -> (state, events). What the live worker and `hashfall replay` both run. */
import type { AlertEvent } from "../model/alert.ts";
import { HashfallError } from "../model/errors.ts";
import type { PoolSample, RateSample, Sample, WitnessSample } from "../model/sample.ts";
import { advanceTick } from "./advance.ts";
import { compile, type Layout } from "./compiled.ts";
import type { Detector, DetectorModel, ExplainBundle, Tick, TickResult } from "./contract.ts";
import { bestPerRow } from "./intake.ts";
import { layoutKeeper } from "./layout-keeper.ts";
import type { TickContext } from "./lifecycle/context.ts";
import { regionAlerts } from "./lifecycle/region-list.ts";
import { decodeState, encodeState } from "./state/codec.ts";
import { growRows, initialState } from "./state/initial.ts";
import type { DetectorState } from "./state/state.ts";
import { TickDone } from "./tick-done.ts";
import { attachWitnesses } from "./witness/attach.ts";
import { remember } from "./witness/memory.ts";

/** Empty ticks that are run one by one after a gap; a longer gap is jumped, since nothing is left to learn from it. */
const GAP_TICKS = 2016;

/** Regional rows that were not there before, in order of their names. */
function newRows(known: Layout["index"], found: ReadonlyMap<string, RateSample>): { pool: string; region: string }[] {
  const fresh: [string, { pool: string; region: string }][] = [];
  for (const [key, { pool, region }] of found) {
    if (region !== undefined && !known.has(key)) fresh.push([key, { pool, region }]);
  }
  return fresh.sort(([x], [y]) => (x < y ? -1 : 1)).map(([, row]) => row);
}

/** What witnesses say is kept out of everything that decides. */
function withoutWitnesses(rows: readonly Sample[]): { pools: readonly PoolSample[]; facts: readonly WitnessSample[] } {
  const pools: PoolSample[] = [];
  const facts: WitnessSample[] = [];
  for (const row of rows) {
    if (row.kind === "witness") facts.push(row);
    else pools.push(row);
  }
  return { pools, facts };
}

/** Makes the detector of one network. Costs a moment (gain tables); `advance` costs microseconds. */
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
    const { pools, facts } = withoutWitnesses(rows);
    const found = bestPerRow(pools, known, rejected);
    const fresh = newRows(layoutOf(state).index, found);
    const wide = fresh.length > 0 ? growRows(compiled, state, fresh) : state;
    const layout = layoutOf(wide);
    const context: TickContext = { compiled, layout, state: wide, at, events, bundles, evidence: new Map() };
    const before = regionAlerts(wide);
    const said = events.length;
    advanceTick(context, pools, found, rejected);
    wide.witnesses = remember(wide.witnesses, facts, at, intervalMs);
    attachWitnesses(context, before, said, wide.blind || pools.some((row) => row.backfilled === true));
    return { state: wide, rejected };
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
