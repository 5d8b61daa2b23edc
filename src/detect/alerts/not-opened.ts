/** Keeps why something did not open, so that whoever expected an alert can ask. A short list; its bundle is told when it grows. */

import { type NotOpened, notOpenedId } from "../../model/not-opened.ts";
import { HOUR_MS, MINUTE_MS } from "../../model/time-units.ts";
import type { NotOpenedBundle } from "../evidence/scope-bundles.ts";
import type { TickContext } from "../state/tick-context.ts";
import { rounded } from "./events.ts";

/** Entries that are kept of each scope: weeks of ordinary days. */
const MOST_OF_SCOPE = 16;
/** What is held back again within this time is the same. */
const SAME_MS = 3 * HOUR_MS;
/** What opens within this time of being held back was only late. */
const LATE_MS = HOUR_MS;

type Held = Pick<NotOpened, "scope" | "region" | "pool" | "reason" | "score" | "needed">;

const sameSubject = (x: Pick<NotOpened, "scope" | "region" | "pool">, y: typeof x): boolean =>
  x.scope === y.scope && x.region === y.region && x.pool === y.pool;

/** Remembers that something was held back at this tick. */
export function holdBack({ state, at }: TickContext, held: Held): void {
  const figures = { score: rounded(held.score, 3), needed: rounded(held.needed, 3) };
  const known = state.notOpened.find(
    (entry) => sameSubject(entry, held) && entry.reason === held.reason && at - entry.lastAt <= SAME_MS,
  );
  if (known !== undefined) {
    if (known.lastAt === at) return;
    known.lastAt = at;
    known.ticks += 1;
    if (figures.score > known.score) Object.assign(known, figures);
    return;
  }
  const others = state.notOpened.filter(({ scope }) => scope === held.scope);
  const oldest = others.length >= MOST_OF_SCOPE ? others.reduce((x, y) => (y.lastAt < x.lastAt ? y : x)) : null;
  state.notOpened = [
    ...state.notOpened.filter((entry) => entry !== oldest),
    { ...held, ...figures, firstAt: at, lastAt: at, ticks: 1 },
  ];
}

/** What opened after all is none of those that did not. */
export function forgetHeld({ state, at }: TickContext, subject: Pick<NotOpened, "scope" | "region" | "pool">): void {
  const isLate = (entry: NotOpened): boolean => sameSubject(entry, subject) && at - entry.lastAt <= LATE_MS;
  if (state.notOpened.some(isLate)) state.notOpened = state.notOpened.filter((entry) => !isLate(entry));
}

const isPowerOfTwo = (count: number): boolean => Number.isInteger(Math.log2(count));

/** Tells the list when something is new on it, and ever more rarely while it goes on. */
export function tellHeld({ state, at, compiled, bundles }: TickContext): void {
  if (!state.notOpened.some(({ lastAt, ticks }) => lastAt === at && isPowerOfTwo(ticks))) return;
  const { network } = compiled.model;
  const entries = state.notOpened.toSorted((x, y) => x.lastAt - y.lastAt).map((entry) => ({ ...entry }));
  const bundle: NotOpenedBundle = { kind: "not-opened", network, at, entries };
  // A later list takes the place of an earlier one: the minute of its tick is its revision.
  bundles.push({ id: notOpenedId(network), revision: Math.round(at / MINUTE_MS), bundle });
}
