/** Worlds in which no region falls, with one kind of everything that looks like it. */
import type { RateSample } from "../../src/model/sample.ts";
import { type Draw, drawer, Figures, type Fleet, TICKS_A_DAY } from "./fleet.ts";

export const KINDS = ["wandering", "heavy tails", "outages", "curtailment", "missing", "dips and moves"] as const;
export type Kind = (typeof KINDS)[number];

interface Trouble {
  readonly from: number;
  readonly to: number;
  /** What is left of a pool's rate. */
  readonly left: (pool: number) => number;
}

/** Troubles of a kind at random times, about `perDay` of them. */
function troubles(draw: Draw, days: number, perDay: number, make: () => Trouble["left"]): Trouble[] {
  return Array.from({ length: Math.round(days * perDay * draw.between(0.6, 1.4)) }, () => {
    const from = draw.uniform() * days * TICKS_A_DAY;
    return { from, to: from + draw.between(6, 96), left: make() };
  });
}

const only =
  (pool: number, part: number) =>
  (p: number): number =>
    p === pool ? part : 1;

/** Slow weather over regions: what all pools of a region share, sd 1 %, in hours. */
function weather(fleet: Fleet, draw: Draw): () => readonly number[] {
  const state = fleet.regions.map(() => 0);
  return () => {
    for (let r = 0; r < state.length; r++) state[r] = 0.97 * state[r]! + 0.0025 * draw.normal();
    return state;
  };
}

/** More than a region's ordinary daily swing, and less than what anybody would call its fall. */
const CURTAILED = 0.1;

/** Part of a small region that rests on weekday afternoons, half an hour in and out. */
function afternoon(tick: number): number {
  const hour = (tick / 12) % 24;
  const weekday = Math.floor(tick / TICKS_A_DAY) % 7 < 5;
  return weekday ? Math.min(1, Math.max(0, Math.min(2 * (hour - 14), 2 * (20 - hour)))) : 0;
}

/** Ticks of one such world. */
export function* quietWorld(
  fleet: Fleet,
  kind: Kind,
  seed: number,
  days: number,
): Generator<{ readonly at: number; readonly rows: RateSample[] }> {
  const draw = drawer(seed);
  const { pools, regions } = fleet;
  const figures = new Figures(fleet, draw, { tails: kind === "heavy tails" });
  const any = (): number => Math.floor(draw.uniform() * pools.length);
  const list: Trouble[] = [
    ...troubles(draw, days, kind === "outages" ? 1 : 0.05, () => only(any(), draw.between(0, 0.9))),
    ...(kind === "dips and moves" ? troubles(draw, days, 0.1, () => dip(draw.between(0.85, 0.96))) : []),
    ...(kind === "dips and moves" ? troubles(draw, days, 0.2, () => move(fleet, any(), any(), draw)) : []),
  ];
  const noise = weather(fleet, draw);
  // The region nearest to 3 % of the network.
  const whole = pools.reduce((sum, { size }) => sum + size, 0);
  const shares = regions.map((_, r) => pools.reduce((sum, { size, truth }) => sum + size * truth[r]!, 0) / whole);
  const small = shares.indexOf(shares.reduce((a, b) => (Math.abs(b - 0.03) < Math.abs(a - 0.03) ? b : a)));
  const silentTo = pools.map(() => 0);
  for (let tick = 1; tick <= days * TICKS_A_DAY; tick++) {
    const now = list.filter(({ from, to }) => tick >= from && tick < to);
    const blow = kind === "wandering" ? noise() : null;
    const rest = kind === "curtailment" ? CURTAILED * afternoon(tick) : 0;
    const world = figures.next((p) => {
      const { truth } = pools[p]!;
      const blown = blow ? truth.reduce((sum, weight, r) => sum + weight * blow[r]!, 0) : 0;
      return now.reduce((left, trouble) => left * trouble.left(p), 1) * (1 + blown - truth[small]! * rest);
    });
    if (kind !== "missing") {
      yield world;
      continue;
    }
    const rows = world.rows.filter((_, p) => {
      // Now and then a source is away for hours; single figures go missing all the time.
      if (draw.uniform() < 1 / (3 * TICKS_A_DAY)) silentTo[p] = tick + draw.between(6, 120);
      return tick >= silentTo[p]! && draw.uniform() > 0.1;
    });
    yield { at: world.at, rows };
  }
}

const dip = (part: number) => (): number => part;

/** Part of one pool's miners goes to another: the sum is kept. */
function move({ pools }: Fleet, from: number, to: number, draw: Draw): (pool: number) => number {
  const part = draw.between(0.1, 0.6);
  const gain = (part * pools[from]!.size) / pools[to]!.size;
  return (p) => (from === to ? 1 : p === from ? 1 - part : p === to ? 1 + gain : 1);
}
