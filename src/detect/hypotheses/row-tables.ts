/**
 * Tables of rows' log-likelihood ratios as functions of their fall. For a weight of given relative error, a row's evidence for
 * (region, drop) depends only on the fall weight x drop. So one table per row serves every region and drop: nodes a quarter apart
 * in the log of the fall, linear in between. The error is about 0.1 nats where the function bends most, and half a nat where a
 * figure without noise reaches the bound of a row.
 */

import { DROPS } from "../model/grids.ts";
import type { RegionRows, ScoreModel } from "../model/score-model.ts";
import { cellOffset } from "../statistics/onset-grid.ts";
import type { SufficientStatistics } from "../statistics/scale-state.ts";
import { addJointRows } from "./joint-rows.ts";
import { emptyNulls, type RowNulls, type RowPrior, rowRatio, setNull } from "./likelihood.ts";

/** Falls at the nodes: zero, then a geometric series up to the largest fall that is scored. */
const FIRST = 0.001;
const RATIO = 1.25;
const TABLE_NODES = [0, ...Array.from({ length: 34 }, (_, k) => FIRST * RATIO ** k)];
/** For weights with a smaller relative error the function bends too sharply for a table; it is computed each time. */
const TABLE_SD = 0.15;

/** Where each (region, row, drop) is looked up in the tables; depends on the weights alone. */
interface Plan {
  /** Row and relative error of each table, and the range of nodes that any region needs. */
  readonly tables: readonly {
    readonly row: number;
    readonly relativeSd: number;
    readonly from: number;
    readonly to: number;
  }[];
  readonly regions: readonly {
    /** Per member with a table x drop: the index of the node below, and the fraction to the next. */
    readonly node: Int32Array;
    readonly part: Float64Array;
    /** Members without a table, computed each time. */
    readonly direct: Int32Array;
  }[];
}

const LOG_RATIO = Math.log(RATIO);
const LOG_DROPS = DROPS.map((drop) => Math.log(drop / FIRST));

function makePlan(model: ScoreModel): Plan {
  const tables: { row: number; relativeSd: number; from: number; to: number }[] = [];
  const known = new Map<number, number>();
  const regions = model.regions.map(({ rows, weight, sd, covariance }) => {
    // Rows that are scored together need no table.
    if (covariance) return { node: new Int32Array(0), part: new Float64Array(0), direct: new Int32Array(0) };
    const node = new Int32Array(rows.length * DROPS.length);
    const part = new Float64Array(node.length);
    const direct: number[] = [];
    let filled = 0;
    // Hundreds of pools and dozens of regions make this a loop of hundreds of thousands: plain loops.
    for (let k = 0; k < rows.length; k++) {
      const row = rows[k]!;
      const percent = Math.round((100 * sd[k]!) / weight[k]!);
      const relativeSd = percent / 100;
      if (relativeSd < TABLE_SD) {
        direct.push(k);
        continue;
      }
      const key = percent * model.rows.length + row;
      const table = known.get(key) ?? tables.push({ row, relativeSd, from: TABLE_NODES.length, to: 0 }) - 1;
      known.set(key, table);
      const kept = tables[table]!;
      const logWeight = Math.log(weight[k]!);
      for (let d = 0; d < DROPS.length; d++) {
        const steps = (logWeight + LOG_DROPS[d]!) / LOG_RATIO;
        const at = steps < 0 ? (weight[k]! * DROPS[d]!) / FIRST : 1 + steps;
        const below = Math.min(TABLE_NODES.length - 2, Math.floor(at));
        node[filled] = table * TABLE_NODES.length + below;
        part[filled] = Math.min(1, at - below);
        filled += 1;
        kept.from = Math.min(kept.from, below);
        kept.to = Math.max(kept.to, below + 1);
      }
    }
    return { node: node.slice(0, filled), part: part.slice(0, filled), direct: Int32Array.from(direct) };
  });
  return { tables, regions };
}

/** Plans by model: a model lives as long as its weights do. */
const plans = new WeakMap<ScoreModel, Plan>();

function planOf(model: ScoreModel): Plan {
  const known = plans.get(model);
  if (known) return known;
  const made = makePlan(model);
  plans.set(model, made);
  return made;
}

/** One row's log ratios at the nodes from..to. */
function fillTable(
  values: Float64Array,
  at: number,
  from: number,
  to: number,
  a: number,
  b: number,
  relativeSd: number,
  prior: RowPrior,
  nulls: RowNulls,
  row: number,
): void {
  for (let node = from; node <= to; node++) {
    const fall = TABLE_NODES[node]!;
    const sd = relativeSd * fall;
    values[at + node] = Math.log(rowRatio(a, b, fall, sd * sd, prior, nulls, row));
  }
}

/** Adds a region's rows up, drop by drop. */
function addServed(values: Float64Array, node: Int32Array, part: Float64Array, into: Float64Array, to: number): void {
  const drops = DROPS.length;
  for (let from = 0; from < node.length; from += drops) {
    for (let d = 0; d < drops; d++) {
      const at = node[from + d]!;
      const low = values[at]!;
      into[to + d]! += low + part[from + d]! * (values[at + 1]! - low);
    }
  }
}

/** Prepares the tables of a model before their first use. */
export function prepareTables(model: ScoreModel): void {
  planOf(model);
}

/** Evaluates regions at one cell through the tables. */
export interface RowTables {
  /** Begins with the sums of a cell (onset and ramp); forgets the ones before. */
  begin(cell: number): void;
  /** Writes a region's log-likelihood ratio for each of DROPS from `to` on; the region by its index in the model. */
  region(region: number, into: Float64Array, to: number): void;
  readonly nulls: RowNulls;
}

export function makeRowTables(
  model: ScoreModel,
  { a, b, outages }: Pick<SufficientStatistics, "a" | "b" | "outages">,
  prior: RowPrior,
): RowTables {
  const plan = planOf(model);
  const rows = model.rows.length;
  const width = TABLE_NODES.length;
  const values = new Float64Array(plan.tables.length * width);
  const nulls = emptyNulls(rows);
  const isHeard = (row: number): boolean => model.counted[row] === 1 && b[offset + row]! > 0;
  let offset = 0;

  function addDirect(members: RegionRows, k: number, into: Float64Array, to: number): void {
    const row = members.rows[k]!;
    if (!isHeard(row)) return;
    for (const [d, drop] of DROPS.entries()) {
      const variance = (members.sd[k]! * drop) ** 2;
      const fall = members.weight[k]! * drop;
      into[to + d]! += Math.log(rowRatio(a[offset + row]!, b[offset + row]!, fall, variance, prior, nulls, row));
    }
  }

  return {
    nulls,
    begin(cell) {
      offset = cellOffset(cell, rows);
      const own = outages?.logAt(cell);
      for (let i = 0; i < rows; i++) if (isHeard(i)) setNull(a[offset + i]!, b[offset + i]!, prior, nulls, i, own?.[i]);
      for (let table = 0; table < plan.tables.length; table++) {
        const { row, relativeSd, from, to } = plan.tables[table]!;
        const at = table * width;
        if (!isHeard(row)) values.fill(0, at, at + width);
        else fillTable(values, at, from, to, a[offset + row]!, b[offset + row]!, relativeSd, prior, nulls, row);
      }
    },
    region(region, into, to) {
      const { node, part, direct } = plan.regions[region]!;
      into.fill(0, to, to + DROPS.length);
      const members = model.regions[region]!;
      if (members.covariance) {
        addJointRows(members, members.covariance, { a, b, offset }, model.counted, prior, nulls, into, to);
        return;
      }
      addServed(values, node, part, into, to);
      for (const k of direct) addDirect(members, k, into, to);
    },
  };
}
