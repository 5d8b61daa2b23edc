/**
 * Turns samples in file order into whole ticks in order of time. Rows up to two intervals late are sorted in; later ones are
 * refused. Memory: three intervals of rows.
 */

import type { Sample, TickSample } from "../../model/sample.ts";
import { tickOf } from "../../model/tick.ts";
import { DAY_MS } from "../../model/time-units.ts";
import type { Tick } from "../contract.ts";
import { entryOf } from "../model/elements.ts";

/** Most intervals that a row may be late. */
const LATE_INTERVALS = 2;
/** A row this far ahead of the others has a broken clock, ms, unless the next rows agree with it. */
const LEAP_MS = DAY_MS;
const LEAP_AGREES = 4;

export type Placed = "kept" | "late" | "held";

export interface TickBuffer {
  /** Takes one row; `late` rows are the caller's to count. */
  add(sample: Sample | TickSample): Placed;
  /** Ticks that are complete by now, oldest first. */
  ready(): Tick[];
  /** All remaining ticks at the end of the input. Rows that are still held for a broken clock are dropped. */
  flush(): Tick[];
  /** Number of rows dropped because their time was far ahead of everything around them. */
  leapt(): number;
}

export function makeTickBuffer(intervalMs: number): TickBuffer {
  const waiting = new Map<number, Sample[]>();
  let newest = Number.NEGATIVE_INFINITY;
  let done = Number.NEGATIVE_INFINITY;
  let taken = Number.NEGATIVE_INFINITY;
  let held: (Sample | TickSample)[] = [];
  let leapt = 0;

  function place(sample: Sample | TickSample): Placed {
    const tick = tickOf(sample.at, intervalMs);
    if (tick <= done || tick < newest - LATE_INTERVALS * intervalMs) return "late";
    if (tick > newest) newest = tick;
    const rows = waiting.get(tick);
    if (rows === undefined) waiting.set(tick, sample.kind === "tick" ? [] : [sample]);
    else if (sample.kind !== "tick") rows.push(sample);
    return "kept";
  }

  function take(until: number): Tick[] {
    if (waiting.size === 0) return [];
    const ticks = [...waiting.keys()].filter((at) => at <= until).sort((a, b) => a - b);
    return ticks.map((at) => {
      const rows = entryOf(waiting, at);
      waiting.delete(at);
      done = at;
      return { at, rows };
    });
  }

  return {
    add(sample) {
      const leaps = newest !== Number.NEGATIVE_INFINITY && sample.at > newest + LEAP_MS;
      if (leaps) {
        held.push(sample);
        if (held.length < LEAP_AGREES) return "held";
        const agreed = held;
        held = [];
        for (const row of agreed.sort((x, y) => x.at - y.at)) place(row);
        return "kept";
      }
      leapt += held.length;
      held = [];
      return place(sample);
    },
    ready: () => {
      const until = newest - (LATE_INTERVALS + 1) * intervalMs;
      // Most rows belong to the tick of the row before, and complete nothing.
      if (until <= taken) return [];
      taken = until;
      return take(until);
    },
    flush() {
      leapt += held.length;
      held = [];
      return take(newest);
    },
    leapt: () => leapt,
  };
}
