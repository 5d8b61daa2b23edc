/**
 * Remembers what nearly opened and why it did not, so that whoever expected an alert can ask. A bounded list, published as a
 * bundle.
 */

import { type NotOpened, notOpenedId } from "../../model/not-opened.ts";
import { HOUR_MS, MINUTE_MS } from "../../model/time-units.ts";
import type { NotOpenedBundle } from "../evidence/scope-bundles.ts";
import type { TickContext } from "../state/tick-context.ts";
import { rounded } from "./events.ts";

/** Most entries kept per scope. Ordinary days take weeks to fill it. */
const MOST_OF_SCOPE = 16;
/** The same subject held back again within this time is one entry, ms. */
const SAME_MS = 3 * HOUR_MS;
/** An alert that opens within this time of being held back was only late, and its entry is removed, ms. */
const LATE_MS = HOUR_MS;

type Held = Pick<NotOpened, "scope" | "region" | "pool" | "reason" | "score" | "needed">;

const sameSubject = (x: Pick<NotOpened, "scope" | "region" | "pool">, y: typeof x): boolean =>
  x.scope === y.scope && x.region === y.region && x.pool === y.pool;

/** Records that something was held back at this tick. */
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

/** Removes the entry of a subject that has opened after all. */
export function forgetHeld({ state, at }: TickContext, subject: Pick<NotOpened, "scope" | "region" | "pool">): void {
  const isLate = (entry: NotOpened): boolean => sameSubject(entry, subject) && at - entry.lastAt <= LATE_MS;
  if (state.notOpened.some(isLate)) state.notOpened = state.notOpened.filter((entry) => !isLate(entry));
}

const isPowerOfTwo = (count: number): boolean => Number.isInteger(Math.log2(count));

/** Publishes the list when it has a new entry, and ever more rarely while the same entry goes on. */
export function tellHeld({ state, at, compiled, bundles }: TickContext): void {
  if (!state.notOpened.some(({ lastAt, ticks }) => lastAt === at && isPowerOfTwo(ticks))) return;
  const { network } = compiled.model;
  const entries = state.notOpened.toSorted((x, y) => x.lastAt - y.lastAt).map((entry) => ({ ...entry }));
  const bundle: NotOpenedBundle = { kind: "not-opened", network, at, entries };
  // The revision is the minute of the tick, so that a later list replaces an earlier one.
  bundles.push({ id: notOpenedId(network), revision: Math.round(at / MINUTE_MS), bundle });
}
