/** One pool: its newest figure against what it would show had nothing fallen. */
import type { PoolItem } from "./api.ts";
import { h, type Shown, setText } from "./dom.ts";
import { change, duration, hashrate } from "./format.ts";

export interface PoolRow {
  readonly pool: PoolItem;
  /** Data time now, ms. */
  readonly now: number;
}

/** A change that is worth a colour. */
const NOTABLE_CHANGE = 0.05;

function figureText({ pool, now }: PoolRow): string {
  const age = pool.sampledAt === undefined ? "" : `${duration(now - Date.parse(pool.sampledAt))} old`;
  if (pool.state === "ok") return age;
  if (pool.state === "warming" && pool.warmAt !== undefined)
    return `warming, ${duration(Date.parse(pool.warmAt) - now)} left`;
  return [pool.state, age].filter(Boolean).join(", ");
}

export function poolRow({ pool: { pool: id } }: PoolRow): Shown<PoolRow> {
  const now = h("td", { class: "number" });
  const expected = h("td", { class: "number" });
  const moved = h("td", { class: "number" });
  const figure = h("td", { class: "state" });
  const element = h("tr", {}, h("th", { scope: "row" }, id), now, expected, moved, figure);
  return {
    element,
    update: (row) => {
      const { pool } = row;
      element.className = `pool-${pool.state}`;
      setText(now, hashrate(pool.hashrate));
      setText(expected, hashrate(pool.expected));
      setText(moved, change(pool.hashrate, pool.expected));
      const ratio = pool.hashrate !== undefined && pool.expected ? pool.hashrate / pool.expected - 1 : 0;
      moved.className = `number ${ratio < -NOTABLE_CHANGE ? "down" : ratio > NOTABLE_CHANGE ? "up" : ""}`;
      setText(figure, figureText(row));
    },
  };
}
