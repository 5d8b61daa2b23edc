/**
 * Log ratios of rows as functions of their fall. A row with a weight of a given relative error says of (region, drop) only
 * how well a fall of weight x drop fits it, so one table per row serves every region and drop: nodes a quarter apart, linear
 * between them. The function bends by at most 1 / 0.25^2 per unit of log fall, so it is off by 0.1 or so where it bends most,
 * and by half where a figure without noise says all that a row may say.
 */
import { type RowNull, type RowPrior, rowNull, rowRatio } from "./likelihood.ts";
import type { RegionRows, ScoreModel } from "./rows.ts";
import { DROPS } from "./sizes.ts";

/** Falls of the nodes: nothing, then a geometric row up to the largest fall that is scored. */
const FIRST = 0.001;
const RATIO = 1.25;
const NODES = [0, ...Array.from({ length: 34 }, (_, k) => FIRST * RATIO ** k)];
/** Weights that are known better than this bend too sharply for the table and are computed each time. */
const TABLE_SD = 0.15;
/** A row of which a hypothesis expects less than this (in standard deviations) has nothing to say about it. */
const SILENT = 0.02;

/** Where every (region, row, drop) stands in the tables; depends on the weights alone. */
interface Plan {
  /** Row and relative error of each table. */
  readonly tables: readonly { readonly row: number; readonly relativeSd: number }[];
  readonly regions: readonly {
    /** Table per member; -1: computed each time. */
    readonly table: Int32Array;
    /** Node below, and how far to the next, per member x drop. */
    readonly node: Int32Array;
    readonly part: Float64Array;
  }[];
}

/** Position of a fall among the nodes. */
function place(fall: number): { node: number; part: number } {
  if (fall < FIRST) return { node: 0, part: fall / FIRST };
  const at = 1 + Math.log(fall / FIRST) / Math.log(RATIO);
  const node = Math.min(NODES.length - 2, Math.floor(at));
  return { node, part: Math.min(1, at - node) };
}

function makePlan(model: ScoreModel): Plan {
  const tables: { row: number; relativeSd: number }[] = [];
  const known = new Map<string, number>();
  const regions = model.regions.map((region) => {
    const { rows, weight, sd } = region;
    const table = Int32Array.from(rows, (row, k) => {
      const relativeSd = Number((sd[k]! / weight[k]!).toPrecision(2));
      if (relativeSd < TABLE_SD) return -1;
      const key = `${row} ${relativeSd}`;
      const found = known.get(key) ?? tables.push({ row, relativeSd }) - 1;
      known.set(key, found);
      return found;
    });
    const places = [...weight].flatMap((w) => DROPS.map((drop) => place(w * drop)));
    return {
      table,
      node: Int32Array.from(places, (entry) => entry.node),
      part: Float64Array.from(places, (entry) => entry.part),
    };
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

/** The rows' sums at one onset and ramp, ready to be asked for regions. */
export interface RowTables {
  /** Begins with the sums at `offset` (onset and ramp); forgets the ones before. */
  begin(offset: number): void;
  /** Log-likelihood ratio of (region, drop), both by their place in the model and in DROPS. */
  region(region: number, drop: number): number;
  readonly nulls: readonly RowNull[];
}

export function makeRowTables(model: ScoreModel, a: Float64Array, b: Float64Array, prior: RowPrior): RowTables {
  const plan = planOf(model);
  const rows = model.rows.length;
  const width = NODES.length;
  const values = new Float64Array(plan.tables.length * width);
  const nulls: RowNull[] = Array.from({ length: rows }, () => ({ shift: 0, own: 0, whole: 1 }));
  let offset = 0;

  function valueAt(table: number, node: number): number {
    const at = table * width + node;
    const known = values[at]!;
    if (!Number.isNaN(known)) return known;
    const { row, relativeSd } = plan.tables[table]!;
    const fall = NODES[node]!;
    const ratio = rowRatio(a[offset + row]!, b[offset + row]!, fall, (relativeSd * fall) ** 2, prior, nulls[row]!);
    values[at] = Math.log(ratio);
    return values[at]!;
  }

  function direct(members: RegionRows, k: number, drop: number): number {
    const row = members.rows[k]!;
    const fall = members.weight[k]! * drop;
    const ratio = rowRatio(a[offset + row]!, b[offset + row]!, fall, (members.sd[k]! * drop) ** 2, prior, nulls[row]!);
    return Math.log(ratio);
  }

  return {
    nulls,
    begin(from) {
      offset = from;
      values.fill(Number.NaN);
      for (let table = 0; table < plan.tables.length; table++) values[table * width] = 0;
      for (let i = 0; i < rows; i++) {
        if (model.counted[i] && b[offset + i]! > 0) rowNull(a[offset + i]!, b[offset + i]!, prior, nulls[i]!);
      }
    },
    region(region, drop) {
      const members = model.regions[region]!;
      const { table, node, part } = plan.regions[region]!;
      const size = DROPS[drop]!;
      let log = 0;
      for (let k = 0; k < members.rows.length; k++) {
        const row = members.rows[k]!;
        const information = b[offset + row]!;
        if (!(information > 0) || model.counted[row] === 0) continue;
        const fall = members.weight[k]! * size;
        if (fall * fall * information < SILENT * SILENT) continue;
        const t = table[k]!;
        if (t < 0) {
          log += direct(members, k, size);
          continue;
        }
        const at = k * DROPS.length + drop;
        const low = valueAt(t, node[at]!);
        log += low + part[at]! * (valueAt(t, node[at]! + 1) - low);
      }
      return log;
    },
  };
}
