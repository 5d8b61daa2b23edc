/** The contract of a source: one file per API in this folder turns a response into observations, or says why not. */
import type { Basis } from "../model/sample.ts";

/** How a figure was averaged. */
export interface FigureWindow {
  readonly kind: "sliding" | "ewma" | "block-share" | "bucket" | "instant" | "unknown";
  readonly seconds: number | null;
}

interface ObservationBase {
  /** The configured pool id, mapped from the upstream's name. */
  readonly pool: string;
  /** The upstream's own time, ms; absent when it has none. */
  readonly observedAt?: number;
  readonly observedAtBasis: "body" | "header" | "last-block" | "fetch-time";
  /** A figure older than this is refused as stale, ms. */
  readonly staleAfterMs: number;
  /** The value exactly as received, for audit. */
  readonly raw: { readonly text: string; readonly unit: string };
}

export interface RateObservation extends ObservationBase {
  readonly kind: "rate";
  /** Null or absent: the whole pool. */
  readonly region: string | null;
  /** H/s; null when the upstream said "unknown". Never zero for missing. */
  readonly hashrate: number | null;
  readonly window: FigureWindow;
  readonly basis: Basis;
  /** Relative quantisation step (0.005 for three digits). */
  readonly resolution?: number;
}

export interface BlockObservation extends ObservationBase {
  readonly kind: "block";
  readonly height: number;
  readonly difficulty: number;
}

export type Observation = RateObservation | BlockObservation;

/** The closed list of what can go wrong; also the `result` label of `hashfall_polls_total`. */
export const ERROR_CLASSES = [
  "dns",
  "tls",
  "connect",
  "timeout",
  "too-large",
  "redirect",
  "http",
  "rate-limited",
  "auth",
  "geo-blocked",
  "format",
  "semantic",
  "partial",
  "stale",
] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

export type FetchOutcome =
  | {
      readonly kind: "ok";
      readonly rows: readonly Observation[];
      readonly bodySha256: string;
      /** Number of unused entries, by reason (like `unknown pool`). */
      readonly skipped?: Readonly<Record<string, number>>;
      /** A few names (of regions, of servers) that the configuration does not map, for whoever maps them. */
      readonly unknown?: readonly string[];
      /** A remark on an answer that was understood, like a pool that has another name now. */
      readonly notes?: readonly string[];
      /** Height of the chain that it mines or follows, where it says one without a list of blocks. */
      readonly chainHeight?: number;
    }
  | { readonly kind: "not-modified" }
  /** The upstream is warming up and legitimately has nothing. */
  | { readonly kind: "empty" }
  | {
      readonly kind: "error";
      readonly class: ErrorClass;
      readonly httpStatus?: number;
      readonly retryAfterMs?: number;
      readonly banRisk?: boolean;
      /** One line, secrets redacted. */
      readonly detail: string;
      /** What to do about it, where more is known than the class tells. */
      readonly advice?: string;
    };

/** What one source of a network answered. */
export interface SourceAnswer {
  /** Id of the source. */
  readonly source: string;
  readonly outcome: FetchOutcome;
}

/** A configured source, ready to be asked. Never throws: whatever happens is an outcome. */
export interface Source {
  /** Unique in its network, like `ckpool:eusolo`. */
  readonly id: string;
  readonly hostKey: string;
  /** The pools it can speak for. */
  readonly pools: readonly string[];
  /** Never asked more often than this (data time where the upstream is simulated). */
  readonly minIntervalMs: number;
  readonly dailyBudget?: number;
  fetch(context: { readonly signal: AbortSignal; readonly now: number }): Promise<FetchOutcome>;
}
