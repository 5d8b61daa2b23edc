/** Gives rows to the ticks that cover them. The next decision takes them: no job of their own is needed. */
import type { Sample } from "../../model/sample.ts";
import { tickOf } from "../../model/tick.ts";
import type { AppendResult, SampleStore } from "../../store/contract.ts";

/**
 * Idempotent, tick by tick in order: a push that failed half-way may come again.
 * A row that comes while its tick is being decided makes that commit read again, so it is used or moved, never lost.
 */
export async function storeRows(
  samples: SampleStore,
  { name, intervalMs }: { readonly name: string; readonly intervalMs: number },
  rows: readonly Sample[],
): Promise<AppendResult> {
  const byTick = new Map<number, Sample[]>();
  for (const row of rows) {
    const tick = tickOf(row.at, intervalMs);
    const own = byTick.get(tick);
    if (own === undefined) byTick.set(tick, [row]);
    else own.push(row);
  }
  const total = { added: 0, duplicates: 0, moved: 0, late: 0 };
  for (const [tick, own] of [...byTick].sort(([a], [b]) => a - b)) {
    const stored = await samples.append(name, tick, intervalMs, own);
    for (const key of ["added", "duplicates", "moved", "late"] as const) total[key] += stored[key];
  }
  return total;
}
