/** What an adapter declares, and what it is given. One adapter file per API; `registry.ts` lists them all. */
import type { z } from "zod";
import type { SourceConfig } from "../config/resolve/resolved.ts";
import type { Clock } from "../model/clock.ts";
import type { Source } from "./contract.ts";
import type { PoliteHttp } from "./http/contract.ts";
import type { SecretReader } from "./secret.ts";

export interface SourceDeps {
  readonly http: PoliteHttp;
  /** Data time: ages of figures are measured by it. */
  readonly clock: Clock;
  readonly secrets: SecretReader;
}

export interface SourceDefaults {
  /** Absent: the user has to say where (self-hosted software). */
  readonly url?: string;
  /** Never asked more often on the default URL; the default of `interval` elsewhere. */
  readonly minIntervalMs: number;
  /** A figure older than this is refused as stale, ms. */
  readonly staleAfterMs: number;
  readonly timeoutMs: number;
  /** Most requests in any 24 hours. */
  readonly dailyBudget?: number;
}

export interface SourceDescription {
  /** One line: what the upstream is and what its figure means. */
  readonly summary: string;
  /** The published rate limit, or that none is published. */
  readonly limits: string;
  /** `one`: a source of one pool (`pools.<id>.source`); `many`: rows of several pools (network-level `sources`). */
  readonly pools: "one" | "many";
  /** `region`: its rows are true for one region; `pool`: whole-pool figures; `blocks`: found blocks. */
  readonly rows: readonly ("pool" | "region" | "blocks")[];
  /** Whether it needs a key: `none`, `optional` or `required`. */
  readonly key: "none" | "optional" | "required";
  /** Endpoints of a pool's own web pages, without published terms: named in a notice at start, off with one switch. */
  readonly undocumented: boolean;
}

/** `forCoin` of a type whose default address speaks of Bitcoin alone. */
export const BITCOIN_ALONE = (coin: string, options: SourceConfig["options"]): SourceConfig["options"] | null =>
  coin === "BTC" ? options : null;

/** One entry of the registry. */
export interface SourceType {
  readonly type: string;
  readonly describe: SourceDescription;
  readonly defaults: SourceDefaults;
  /** The adapter's own options, strict; the config schema sets them beside `type`, `url`, `interval` and the like. */
  readonly schema: z.ZodObject;
  /** Regions that its rows may name beside the one that a source is configured for; absent: none. */
  regions?(options: SourceConfig["options"]): readonly string[];
  /** Throws `HashfallError` `SOURCE_INVALID` when the configuration lacks what the adapter needs (a URL, a key). */
  create(config: SourceConfig, deps: SourceDeps): Source;
  /**
   * The options for a network whose coin is known (`BTC`); null where they, or the default address, speak of another coin
   * alone. Absent: nothing is known of its coins.
   */
  forCoin?(coin: string, options: SourceConfig["options"]): SourceConfig["options"] | null;
}
