/**
 * The part that all adapters share: asks politely, lets the adapter read, and turns whatever happens into one outcome
 * of the closed list, with secrets cut out.
 */

import type { SourceConfig } from "../config/resolve/resolved.ts";
import { HashfallError, messageOf } from "../model/errors.ts";
import { DAY_MS } from "../model/time-units.ts";
import type { SourceDefaults, SourceDeps } from "./adapter.ts";
import type { ErrorClass, FetchOutcome, Observation, Source } from "./contract.ts";
import { SourceFailure } from "./failure.ts";
import type { HttpDocument, HttpRequest } from "./http/contract.ts";
import { DailyBudget } from "./http/daily-budget.ts";
import { joinUrl } from "./http/join-url.ts";
import { redact } from "./http/redact.ts";
import { secretsInUrl } from "./http/url-secrets.ts";
import { errorAnswer } from "./parse/error-answer.ts";

/** Pause after a host says "too often" in the text of an answer, ms. It doubles while the host repeats it. */
const HOLD_MS = 60_000;
const LONGEST_HOLD_MS = 3_600_000;

export interface AskOptions {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly maxBytes?: number;
  readonly conditional?: boolean;
  /** Return failures of these statuses as documents: the upstream explains itself in the body. */
  readonly explains?: readonly number[];
}

/** What an adapter may use while it reads: requests and the time. */
export interface Reader {
  /** Data time of this fetch, ms. */
  readonly now: number;
  readonly signal: AbortSignal;
  /**
   * A document of this source's host; null when it has not changed since it was last read. `path` is appended to the
   * source's URL, or is a URL itself. Throws `SourceFailure`.
   */
  ask(path: string, options?: AskOptions): Promise<HttpDocument | null>;
  /** Makes the next request unconditional, because this answer could not be read. */
  forget(): void;
}

export type Reading =
  | {
      readonly rows: readonly Observation[];
      readonly bodySha256: string;
      /** Number of unused entries, by reason. */
      readonly skipped?: Readonly<Record<string, number>>;
      /** A few names that the configuration does not map. */
      readonly unknown?: readonly string[];
      readonly notes?: readonly string[];
      /** Height of the chain that it mines, where it says one. */
      readonly chainHeight?: number | undefined;
    }
  | "empty"
  | "not-modified";

export interface SourceSpec {
  readonly defaults: SourceDefaults;
  /** Distance between two requests to the host; a second when absent. */
  readonly spacingMs?: number;
  readonly secrets?: readonly string[];
  readonly statusClasses?: Readonly<Record<number, ErrorClass>>;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  read(reader: Reader): Promise<Reading>;
}

/** A source's base URL. Throws `HashfallError` `SOURCE_INVALID` when neither the configuration nor the type has one. */
export function baseUrl(config: SourceConfig, defaults: SourceDefaults): string {
  const url = config.url ?? defaults.url;
  if (url === undefined) {
    throw new HashfallError("SOURCE_INVALID", `Source ${config.id}: type ${config.type} needs a \`url\`.`);
  }
  if (!URL.canParse(url)) throw new HashfallError("SOURCE_INVALID", `Source ${config.id}: \`url\` is no URL.`);
  return url;
}

/** The part of a source's specification that requests need. */
export type AskSpec = Omit<SourceSpec, "read">;

export interface Asker {
  readonly hostKey: string;
  readonly minIntervalMs: number;
  readonly dailyBudget: number | undefined;
  /** Runs a reader. Any error becomes a failure without secrets. Never rejects. */
  run<T>(
    context: { readonly signal: AbortSignal; readonly now: number },
    read: (reader: Reader) => Promise<T>,
  ): Promise<{ readonly kind: "read"; readonly value: T } | ReadFailure>;
}

export type ReadFailure = Extract<FetchOutcome, { kind: "error" }>;

/** Makes the asker of one configured upstream. The type's own default URL is never asked more often than the type allows. */
export function makeAsker(config: SourceConfig, deps: SourceDeps, spec: AskSpec): Asker {
  const base = baseUrl(config, spec.defaults);
  const isDefault = config.url === undefined || config.url === spec.defaults.url;
  const inUrl = secretsInUrl(config.url);
  const { headers: configured, secrets: inHeaders } = configuredHeaders(config, deps);
  // Read for every request, because a node writes a new password file whenever it starts.
  const secrets = () => [...(spec.secrets ?? []), ...inUrl, ...inHeaders];
  let limitedInARow = 0;
  const minIntervalMs = isDefault ? Math.max(config.intervalMs, spec.defaults.minIntervalMs) : config.intervalMs;
  const budget = config.allowPrivate ? undefined : new DailyBudget(budgetOf(spec.defaults, minIntervalMs));
  const limits = {
    spacingMs: config.allowPrivate ? 0 : (spec.spacingMs ?? 1000),
    ...(budget === undefined ? {} : { budget }),
  };
  return {
    hostKey: new URL(base).host,
    minIntervalMs,
    dailyBudget: budget?.limit,
    async run({ signal, now }, read) {
      const asked = new Set<string>();
      let last: HttpDocument | undefined;
      const reader: Reader = {
        now,
        signal,
        forget: () => {
          for (const url of asked) deps.http.forget(url);
        },
        async ask(path, options = {}) {
          const { url, authorization } = joinUrl(base, path);
          asked.add(url);
          const { explains, ...own } = options;
          const request: HttpRequest = {
            ...own,
            url,
            headers: {
              ...(authorization === undefined ? {} : { authorization }),
              ...spec.headers,
              ...configured,
              ...own.headers,
            },
            limits,
            timeoutMs: config.timeoutMs,
            allowPrivate: config.allowPrivate,
            secrets: secrets(),
            ...(spec.statusClasses ? { statusClasses: spec.statusClasses } : {}),
            signal,
          };
          const outcome = await deps.http.request(request);
          if (outcome.kind === "document") {
            last = outcome;
            return ofThisRegion(outcome, config, url);
          }
          if (outcome.kind === "not-modified") return null;
          if (outcome.text && outcome.httpStatus !== undefined && explains?.includes(outcome.httpStatus)) {
            last = { kind: "document", status: outcome.httpStatus, text: outcome.text, bodySha256: "" };
            return last;
          }
          throw new SourceFailure(outcome.class, outcome.detail, outcome);
        },
      };
      try {
        const value = await read(reader);
        limitedInARow = 0;
        return { kind: "read", value };
      } catch (error) {
        // Otherwise the next answer could be a 304, which would hide that this document could not be read.
        reader.forget();
        const failure = failureOf(said(error, last), secrets());
        if (failure.class !== "rate-limited" || failure.retryAfterMs !== undefined) return failure;
        const pause = Math.min(HOLD_MS * 2 ** limitedInARow++, LONGEST_HOLD_MS);
        deps.http.hold(base, pause);
        return { ...failure, retryAfterMs: pause };
      }
    },
  };
}

/** Headers that the configuration adds, and their secret parts. */
function configuredHeaders(config: SourceConfig, deps: SourceDeps) {
  const secret = Object.entries(config.secretHeaders ?? {}).map(([name, ref]) => [name, deps.secrets(ref)] as const);
  const all = [...Object.entries(config.headers ?? {}), ...secret];
  return {
    headers: Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), value])),
    secrets: secret.map(([, value]) => value),
  };
}

/**
 * A regional figure belongs to the configured server. If a redirect leads to another host, as when several regional names lead to
 * one common file, it is unknown whose figure it is, and it is refused.
 */
function ofThisRegion(document: HttpDocument, config: SourceConfig, url: string): HttpDocument {
  if (config.region === null || document.redirectedTo === undefined) return document;
  throw new SourceFailure("redirect", `${new URL(url).host} sends us on to ${document.redirectedTo}`, {
    advice: `no row for ${config.region}: another host may speak of other miners; put the final address into \`url\` if it is that region's`,
  });
}

/** An unreadable document may be an error that was sent with status 200. Its own words are then the failure. */
function said(error: unknown, last: HttpDocument | undefined): unknown {
  if (!(error instanceof SourceFailure) || last === undefined) return error;
  if (!["format", "semantic"].includes(error.errorClass) || error.advice !== undefined) return error;
  const answer = errorAnswer(jsonOrNothing(last.text));
  // The adapter's own failure says more, except for a refusal that it mistook for something else.
  if (answer === null || (error.errorClass === "semantic" && answer.class === "semantic")) return error;
  return new SourceFailure(answer.class, `it answered ${answer.text}`, error);
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Assembles a source. */
export function readSource(config: SourceConfig, deps: SourceDeps, spec: SourceSpec): Source {
  const { hostKey, minIntervalMs, dailyBudget, run } = makeAsker(config, deps, spec);
  return {
    id: config.id,
    hostKey,
    pools: [...new Set(Object.values(config.pools))],
    minIntervalMs,
    ...(dailyBudget === undefined ? {} : { dailyBudget }),
    async fetch(context) {
      const result = await run(context, (reader) => spec.read(reader));
      return result.kind === "read" ? outcomeOf(result.value) : result;
    },
  };
}

/** The daily budget: the type's own; where it has none, or the user asks more often, twice what the interval needs. */
function budgetOf(defaults: SourceDefaults, minIntervalMs: number): number {
  const enough = Math.ceil((2 * DAY_MS) / minIntervalMs);
  if (defaults.dailyBudget === undefined) return enough;
  return minIntervalMs < defaults.minIntervalMs ? Math.max(enough, defaults.dailyBudget) : defaults.dailyBudget;
}

function outcomeOf(reading: Reading): FetchOutcome {
  if (typeof reading === "string") return { kind: reading };
  if (reading.rows.length === 0) return { kind: "empty" };
  const { rows, bodySha256, skipped, unknown = [], notes = [], chainHeight } = reading;
  return {
    kind: "ok",
    rows,
    bodySha256,
    ...(skipped ? { skipped } : {}),
    ...(unknown.length > 0 ? { unknown } : {}),
    ...(notes.length > 0 ? { notes } : {}),
    ...(chainHeight === undefined ? {} : { chainHeight }),
  };
}

function failureOf(error: unknown, secrets: readonly string[]): ReadFailure {
  if (!(error instanceof SourceFailure)) {
    return { kind: "error", class: "format", detail: redact(`unexpected: ${messageOf(error)}`, secrets) };
  }
  return {
    kind: "error",
    class: error.errorClass,
    detail: redact(error.message, secrets),
    ...(error.httpStatus === undefined ? {} : { httpStatus: error.httpStatus }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    ...(error.banRisk ? { banRisk: true } : {}),
    ...(error.advice === undefined ? {} : { advice: redact(error.advice, secrets) }),
  };
}
