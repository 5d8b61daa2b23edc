/** A rule that people write by hand, on regional sums, made into somebody who opens and closes alerts. */
import type { DetectorModel } from "../../../src/detect/contract.ts";
import type { Contestant, Statement } from "../statement.ts";
import { RegionSums } from "./region-sums.ts";
import { Trailing } from "./trailing.ts";

const DAY_MS = 86_400_000;
/** As `keep_firing_for: 1h` in Prometheus: one tick inside of the rule does not close an alert. */
const KEEP_FIRING_MS = 3_600_000;

export interface Rule {
  readonly name: string;
  /** Trailing window that the rule looks back on. */
  readonly windowMs: number;
  /** How far a value lies beyond the rule; above 0 it fires. Comparable between regions. */
  excess(value: number, trailing: Trailing): number;
}

/**
 * One alert at a time, for the region furthest beyond the rule. As published the rules would open one for every region
 * that fires, and when one region falls nearly all fire, since all are summed from the same pools: the right one among ten.
 */
export function makeRival(rule: Rule, model: DetectorModel): Contestant {
  const intervalMs = model.intervalSeconds * 1000;
  const longest = Math.round(rule.windowMs / intervalMs);
  // A day of history at most, so that a rule of seven days can speak where a world begins two days before its fall.
  const needed = Math.round(Math.min(rule.windowMs, DAY_MS) / intervalMs);
  const sums = new RegionSums(model.pools);
  const history = new Map<string, Trailing>();
  let open: { readonly id: string; readonly region: string; fired: number } | undefined;

  function excesses(rows: Parameters<RegionSums["take"]>[0]): { region: string; excess: number }[] {
    const found: { region: string; excess: number }[] = [];
    for (const [region, value] of sums.take(rows)) {
      const trailing = history.get(region) ?? new Trailing(longest);
      history.set(region, trailing);
      if (trailing.length >= needed) found.push({ region, excess: rule.excess(value, trailing) });
      trailing.push(value);
    }
    return found;
  }

  return {
    name: rule.name,
    tick(at, rows) {
      const found = excesses(rows);
      const said: Statement[] = [];
      const say = (type: Statement["type"], { id, region }: { id: string; region: string }) =>
        said.push({ id, type, at, region, candidates: [] });
      if (open !== undefined) {
        const { region } = open;
        if (found.some((each) => each.region === region && each.excess > 0)) open.fired = at;
        if (at - open.fired >= KEEP_FIRING_MS) {
          say("resolved", open);
          open = undefined;
        }
        return said;
      }
      let worst: { region: string; excess: number } | undefined;
      for (const each of found) if (each.excess > (worst?.excess ?? 0)) worst = each;
      if (worst === undefined) return said;
      open = { id: `${worst.region}-${at}`, region: worst.region, fired: at };
      say("opened", open);
      return said;
    },
  };
}
