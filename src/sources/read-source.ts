/**
 * The part that all adapters share: asks politely, lets the adapter read, and turns whatever happens into one outcome
 * of the closed list, with secrets cut out.
 */
import type { SourceConfig } from "../config/resolve/resolved.ts";
import { HashfallError, messageOf } from "../model/errors.ts";
import type { SourceDefaults, SourceDeps } from "./adapter.ts";
import type { ErrorClass, FetchOutcome, Observation, Source } from "./contract.ts";
import { SourceFailure } from "./failure.ts";
import type { HttpDocument, HttpRequest } from "./http/contract.ts";
import { DailyBudget } from "./http/daily-budget.ts";
import { redact } from "./http/redact.ts";
import { secretsInUrl } from "./http/url-secrets.ts";

const DAY_MS = 86_400_000;

export interface AskOptions {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly maxBytes?: number;
  readonly conditional?: boolean;
  /** Return failures of these statuses as documents: the upstream explains itself in the body. */
  readonly explains?: readonly number[];
}

/** What an adapter may do while it reads: ask, and know the time. */
export interface Reader {
  /** Data time of this fetch, ms. */
  readonly now: number;
  readonly signal: AbortSignal;
  /**
   * A document of this source's host; null when it has not changed since it was last read. `path` is appended to the
   * source's URL, or is a URL itself. Throws `SourceFailure`.
   */
  ask(path: string, options?: AskOptions): Promise<HttpDocument | null>;
  /** Asks for the next answer in full: what came could not be read. */
  forget(): void;
}

export type Reading =
  | {
      readonly rows: readonly Observation[];
      readonly bodySha256: string;
      /** Entries that were there and not used, by reason. */
      readonly skipped?: Readonly<Record<string, number>>;
      /** A few names that the configuration does not map. */
      readonly unknown?: readonly string[];
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

/** A source's base URL without a slash at its end. Throws `HashfallError` `SOURCE_INVALID` when nobody says where. */
export function baseUrl(config: SourceConfig, defaults: SourceDefaults): string {
  const url = config.url ?? defaults.url;
  if (url === undefined) {
    throw new HashfallError("SOURCE_INVALID", `Source ${config.id}: type ${config.type} needs a \`url\`.`);
  }
  if (!URL.canParse(url)) throw new HashfallError("SOURCE_INVALID", `Source ${config.id}: \`url\` is no URL.`);
  return url.replace(/\/+$/, "");
}

/** What asking needs to know, whoever reads the answers. */
export type AskSpec = Omit<SourceSpec, "read">;

export interface Asker {
  readonly hostKey: string;
  readonly minIntervalMs: number;
  readonly dailyBudget: number | undefined;
  /** Runs a reader; whatever goes wrong in it is a failure, told without secrets. Never rejects. */
  run<T>(
    context: { readonly signal: AbortSignal; readonly now: number },
    read: (reader: Reader) => Promise<T>,
  ): Promise<{ readonly kind: "read"; readonly value: T } | ReadFailure>;
}

export type ReadFailure = Extract<FetchOutcome, { kind: "error" }>;

/** Asks for one configured upstream. On the type's own default URL nobody asks more often than the type allows. */
export function makeAsker(config: SourceConfig, deps: SourceDeps, spec: AskSpec): Asker {
  const base = baseUrl(config, spec.defaults);
  const isDefault = config.url === undefined || config.url === spec.defaults.url;
  const inUrl = secretsInUrl(config.url);
  // Looked up for every request: a node writes itself a new password whenever it starts.
  const secrets = () => [...(spec.secrets ?? []), ...inUrl];
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
      const reader: Reader = {
        now,
        signal,
        forget: () => {
          for (const url of asked) deps.http.forget(url);
        },
        async ask(path, options = {}) {
          const url = /^https?:\/\//.test(path) ? path : `${base}${path}`;
          asked.add(url);
          const { explains, ...own } = options;
          const request: HttpRequest = {
            ...own,
            url,
            headers: { ...spec.headers, ...own.headers },
            limits,
            timeoutMs: config.timeoutMs,
            allowPrivate: config.allowPrivate,
            secrets: secrets(),
            ...(spec.statusClasses ? { statusClasses: spec.statusClasses } : {}),
            signal,
          };
          const outcome = await deps.http.request(request);
          if (outcome.kind === "document") return outcome;
          if (outcome.kind === "not-modified") return null;
          if (outcome.text && outcome.httpStatus !== undefined && explains?.includes(outcome.httpStatus)) {
            return { kind: "document", status: outcome.httpStatus, text: outcome.text, bodySha256: "" };
          }
          throw new SourceFailure(outcome.class, outcome.detail, outcome);
        },
      };
      try {
        return { kind: "read", value: await read(reader) };
      } catch (error) {
        // Otherwise a 304 to the next request would hide that what came could not be read.
        reader.forget();
        return failureOf(error, secrets());
      }
    },
  };
}

/** Puts a source together. */
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

/** What the type declares; where it declares none, or the user asks more often, twice what the interval needs. */
function budgetOf(defaults: SourceDefaults, minIntervalMs: number): number {
  const enough = Math.ceil((2 * DAY_MS) / minIntervalMs);
  if (defaults.dailyBudget === undefined) return enough;
  return minIntervalMs < defaults.minIntervalMs ? Math.max(enough, defaults.dailyBudget) : defaults.dailyBudget;
}

function outcomeOf(reading: Reading): FetchOutcome {
  if (typeof reading === "string") return { kind: reading };
  if (reading.rows.length === 0) return { kind: "empty" };
  const { rows, bodySha256, skipped, unknown = [] } = reading;
  return { kind: "ok", rows, bodySha256, ...(skipped ? { skipped } : {}), ...(unknown.length > 0 ? { unknown } : {}) };
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
  };
}
