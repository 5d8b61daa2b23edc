/** What every rival looks at: per region, the pools' last figures times the weights that are also told to hashfall. */
import type { DetectorPool } from "../../../src/detect/contract.ts";
import type { Sample } from "../../../src/model/sample.ts";

export class RegionSums {
  readonly #pools: readonly DetectorPool[];
  readonly #last = new Map<string, number>();

  constructor(pools: readonly DetectorPool[]) {
    this.#pools = pools;
  }

  /** Takes one tick's rows; returns H/s by region. A pool that says nothing keeps its last figure. */
  take(rows: readonly Sample[]): ReadonlyMap<string, number> {
    for (const row of rows) {
      if (row.kind === "rate" && row.region === undefined) this.#last.set(row.pool, row.hashrate);
    }
    const sums = new Map<string, number>();
    for (const { id, regions } of this.#pools) {
      const hashrate = this.#last.get(id);
      if (hashrate === undefined) continue;
      for (const { region, weight } of regions) {
        // What the weights leave over is no place that anybody would alert on.
        if (region !== "OTHER") sums.set(region, (sums.get(region) ?? 0) + weight * hashrate);
      }
    }
    return sums;
  }
}
