/** What witnesses say: a country's connectivity, a grid's state, a price. None of it is hash rate. Times are milliseconds. */
import { isRegionCode } from "./region.ts";

/** A signal of a country's reachability, against its own median of the day before. */
export interface ConnectivityFact {
  readonly kind: "connectivity";
  readonly region: string;
  readonly signal: string;
  /** Now over median; 1 is as always. */
  readonly ratio: number;
  readonly at: number;
}

/** Somebody's verified finding of an outage. */
export interface OutageFact {
  readonly kind: "outage";
  readonly region: string;
  /** As it was found, like POWER_OUTAGE or GOVERNMENT_DIRECTED; null when not said. */
  readonly cause: string | null;
  readonly from: number;
  /** Absent while it lasts. */
  readonly to?: number;
}

/** The state of a power grid: miners switch off when it is short or dear. */
export interface GridFact {
  readonly kind: "grid";
  readonly region: string;
  /** 0 is normal. */
  readonly emergencyLevel: number | null;
  readonly usdPerMegawattHour: number | null;
  readonly at: number;
}

/** What a coin costs: the median of some exchanges. */
export interface PriceFact {
  readonly kind: "price";
  readonly usd: number;
  readonly of: readonly string[];
  readonly at: number;
}

/** How many miners are connected to a pool's servers of a region: no hash rate, and a server's place is not its miners'. */
export interface MinersFact {
  readonly kind: "miners";
  readonly region: string;
  readonly pool: string;
  readonly count: number;
  /** Now over the median of the day before; null while too little is known of what is usual. */
  readonly ratio: number | null;
  readonly at: number;
}

export type Fact = ConnectivityFact | OutageFact | GridFact | PriceFact | MinersFact;

/** The region that a fact speaks of; null for a price. */
export function factRegion(fact: Fact): string | null {
  return fact.kind === "price" ? null : fact.region;
}

const MOST_TEXT = 64;
const MOST_EXCHANGES = 16;

/** Whether a text may stand in a fact: up to 64 printable ASCII characters. */
export function isWord(text: unknown): text is string {
  return typeof text === "string" && /^[\x20-\x7e]+$/.test(text) && text.length <= MOST_TEXT;
}

const isTime = (at: unknown): boolean => Number.isSafeInteger(at) && (at as number) > 0;
const isAmount = (value: unknown): boolean => typeof value === "number" && Number.isFinite(value);
const isAmountOrNull = (value: unknown): boolean => value === null || isAmount(value);

/** What makes a fact unusable, as `field: what is expected`; null when nothing does. Whoever it comes from may lie. */
export function factFault(fact: Fact): string | null {
  if (fact.kind !== "price" && !isRegionCode(fact.region)) return '"region": a code like KZ or US-TX';
  if (fact.kind === "outage") {
    if (fact.cause !== null && !isWord(fact.cause)) return `"cause": up to ${MOST_TEXT} printable characters`;
    if (!isTime(fact.from)) return '"from": a time';
    return fact.to === undefined || isTime(fact.to) ? null : '"to": a time';
  }
  if (!isTime(fact.at)) return '"observedAt": a time';
  switch (fact.kind) {
    case "connectivity":
      if (!isWord(fact.signal)) return `"signal": up to ${MOST_TEXT} printable characters`;
      return isAmount(fact.ratio) && fact.ratio >= 0 ? null : '"ratio": a finite number of at least 0';
    case "grid":
      if (!isAmountOrNull(fact.emergencyLevel)) return '"emergencyLevel": a finite number';
      return isAmountOrNull(fact.usdPerMegawattHour) ? null : '"usdPerMegawattHour": a finite number';
    case "miners":
      if (!isWord(fact.pool)) return `"pool": up to ${MOST_TEXT} printable characters`;
      if (!(Number.isSafeInteger(fact.count) && fact.count >= 0)) return '"miners": a whole number of at least 0';
      return fact.ratio === null || (isAmount(fact.ratio) && fact.ratio >= 0)
        ? null
        : '"ratio": a finite number of at least 0';
    case "price":
      if (!(isAmount(fact.usd) && fact.usd > 0)) return '"usd": a finite number above 0';
      return fact.of.length <= MOST_EXCHANGES && fact.of.every((each) => isWord(each) && !each.includes("+"))
        ? null
        : `"of": up to ${MOST_EXCHANGES} names`;
  }
}
