/** The layout of a state's rows, made anew only when it must be. */
import type { Compiled, Layout, Regimes } from "./compiled.ts";
import type { Row } from "./score/rows.ts";
import type { DetectorState } from "./state/state.ts";

/** Layouts by what rows there are: they change only when a regional row turns up or a new regime is accepted. */
export function layoutKeeper(compiled: Compiled): (state: DetectorState) => Layout {
  let last: { regimes: Regimes; layout: Layout } | undefined;
  return ({ rows, regimes }) => {
    if (last === undefined || !sameRows(last.layout.rows, rows) || !sameRegimes(last.regimes, regimes)) {
      last = { regimes: { ...regimes }, layout: compiled.layout(rows, regimes) };
    }
    return last.layout;
  };
}

function sameRows(x: readonly Row[], y: readonly Row[]): boolean {
  if (x === y) return true;
  return x.length === y.length && x.every(({ pool, region }, k) => pool === y[k]!.pool && region === y[k]!.region);
}

function sameRegimes(x: Regimes, y: Regimes): boolean {
  for (const region in y) if (x[region] !== y[region]) return false;
  return Object.keys(x).length === Object.keys(y).length;
}
