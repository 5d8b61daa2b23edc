/** Polite HTTP, seen from an adapter: ask for a document, get one outcome. Nothing throws. */
import type { ErrorClass } from "../contract.ts";
import type { DailyBudget } from "./daily-budget.ts";

export interface RequestLimits {
  /** Least time between two requests to the host, data time, ms, for all sources together. */
  readonly spacingMs: number;
  /** The source's own; absent for your own servers. */
  readonly budget?: DailyBudget;
}

export interface HttpRequest {
  readonly url: string;
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly limits: RequestLimits;
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
  /** Decompressed; 2 MiB when absent. */
  readonly maxBytes?: number;
  /** Secrets: removed from every detail, and never sent to another host by a redirect. */
  readonly secrets?: readonly string[];
  /** Classes of statuses that this upstream uses in its own way. */
  readonly statusClasses?: Readonly<Record<number, ErrorClass>>;
  /** Ask with If-None-Match / If-Modified-Since of the last answer; true when absent, and only for GET. */
  readonly conditional?: boolean;
  readonly signal: AbortSignal;
}

export interface HttpDocument {
  readonly kind: "document";
  readonly status: number;
  readonly text: string;
  readonly bodySha256: string;
  /** How long a cache on the way has kept it (`Age`), ms; absent without that header. */
  readonly ageMs?: number;
  /** `Last-Modified`, ms. */
  readonly modifiedAt?: number;
  /** The host that answered, where a redirect led to another one than was asked. */
  readonly redirectedTo?: string;
}

export interface HttpFailure {
  readonly kind: "error";
  readonly class: ErrorClass;
  readonly httpStatus?: number;
  readonly retryAfterMs?: number;
  readonly banRisk?: boolean;
  /** One line, secrets redacted. */
  readonly detail: string;
  /** What to do about it, where more is known than the class tells. */
  readonly advice?: string;
  /** The beginning of what came with a failed status, for upstreams that explain themselves. Never shown as it is. */
  readonly text?: string;
}

export type HttpOutcome = HttpDocument | { readonly kind: "not-modified" } | HttpFailure;

export interface PoliteHttp {
  request(request: HttpRequest): Promise<HttpOutcome>;
  /** Forgets what conditional requests remember of a URL, so that the next answer comes in full. */
  forget(url: string): void;
  /** Pauses the host, data time: it asked for a pause in the text of an answer. */
  hold(url: string, forMs: number): void;
  /** Closes every socket and ends every wait. */
  close(): Promise<void>;
}
