/** Observations from what an adapter read: region and basis follow from how the source is configured. */
import type { SourceConfig } from "../config/resolve/resolved.ts";
import { HashfallError } from "../model/errors.ts";
import type { Basis } from "../model/sample.ts";
import type { FigureWindow, RateObservation } from "./contract.ts";
import type { HttpDocument } from "./http/contract.ts";

export interface Figure {
  readonly pool: string;
  /** H/s; null when the upstream said "unknown". */
  readonly hashrate: number | null;
  readonly window: FigureWindow;
  readonly staleAfterMs: number;
  readonly raw: { readonly text: string; readonly unit: string };
  /** Upstream's time of the figure, ms. */
  readonly observedAt?: number | undefined;
  readonly observedAtBasis?: "body" | "header" | "last-block" | "fetch-time";
  /** Overrides the source's region: rows of an API that speaks of several. */
  readonly region?: string | null;
  readonly basis?: Basis;
  readonly resolution?: number;
}

/** A row. A source that is configured for one region says that region's figure, by where its server stands. */
export function rateRow(config: SourceConfig, figure: Figure): RateObservation {
  const region = figure.region === undefined ? config.region : figure.region;
  const { observedAt } = figure;
  return {
    kind: "rate",
    pool: figure.pool,
    region,
    hashrate: figure.hashrate,
    window: figure.window,
    basis: figure.basis ?? (region === null ? "pool-reported" : "server-location"),
    staleAfterMs: figure.staleAfterMs,
    raw: { text: figure.raw.text.slice(0, 80), unit: figure.raw.unit },
    observedAtBasis: observedAt === undefined ? "fetch-time" : (figure.observedAtBasis ?? "body"),
    ...(observedAt === undefined ? {} : { observedAt }),
    ...(figure.resolution === undefined ? {} : { resolution: figure.resolution }),
  };
}

/** The value exactly as received, for audit. */
export function raw(value: unknown, unit: string): { text: string; unit: string } {
  return { text: typeof value === "string" ? value : (JSON.stringify(value) ?? String(value)), unit };
}

/** The only pool of a source. Throws `HashfallError` `SOURCE_INVALID` when it has none or several. */
export function onlyPool(config: SourceConfig): string {
  const pools = [...new Set(Object.values(config.pools))];
  const [pool] = pools;
  if (pools.length !== 1 || pool === undefined) {
    throw new HashfallError(
      "SOURCE_INVALID",
      `Source ${config.id}: type ${config.type} speaks for one pool, but ${pools.length} are configured.`,
    );
  }
  return pool;
}

type HeaderTime = { observedAt?: number; observedAtBasis: "header" };

/**
 * The latest possible time of a figure without a time of its own, from the `Age` of a cache on the way, ms. `Last-Modified` is not
 * used: on a generated answer it is often the date of the program.
 *
 * @param now data time of the fetch, ms
 */
export function cacheTime(document: HttpDocument, now: number): HeaderTime {
  return document.ageMs === undefined || document.ageMs === 0
    ? { observedAtBasis: "header" }
    : { observedAt: now - document.ageMs, observedAtBasis: "header" };
}

/** When a file was written: for upstreams that publish by writing files. */
export function fileTime(document: HttpDocument, now: number): HeaderTime {
  return document.modifiedAt === undefined
    ? cacheTime(document, now)
    : { observedAt: document.modifiedAt, observedAtBasis: "header" };
}
