/** The layout of a state's rows, made anew only when it must be. */
import type { Compiled, Layout, Regimes } from "./compiled.ts";
import type { Row } from "./score/rows.ts";
import type { DetectorState } from "./state/state.ts";

/** Layouts by what rows there are: they change only when a regional row turns up or a new regime is accepted. */
export function layoutKeeper(compiled: Compiled): (state: DetectorState) => Layout {
  let last: { regimes: Regimes; windows: readonly number[]; layout: Layout } | undefined;
  return ({ rows, regimes, windows }) => {
    const same =
      last !== undefined &&
      sameRows(last.layout.rows, rows) &&
      sameRegimes(last.regimes, regimes) &&
      sameWindows(last.windows, windows);
    if (last === undefined || !same) {
      last = { regimes: { ...regimes }, windows: [...windows], layout: compiled.layout(rows, regimes, windows) };
    }
    return last.layout;
  };
}

function sameRows(x: readonly Row[], y: readonly Row[]): boolean {
  if (x === y) return true;
  return x.length === y.length && x.every(({ pool, region }, k) => pool === y[k]!.pool && region === y[k]!.region);
}

function sameWindows(x: readonly number[], y: readonly number[]): boolean {
  return x.length === y.length && x.every((window, row) => window === y[row]);
}

function sameRegimes(x: Regimes, y: Regimes): boolean {
  for (const region in y) if (x[region] !== y[region]) return false;
  return Object.keys(x).length === Object.keys(y).length;
}
