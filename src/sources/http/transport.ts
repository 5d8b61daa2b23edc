/** One request over one connection: undici with limits on time, size and address. Follows no redirect, retries nothing. */
import type { LookupFunction } from "node:net";
import { Agent, type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import type { ErrorClass } from "../contract.ts";
import { isPublicAddress, literalAddress, publicOnlyLookup } from "./addresses.ts";
import { readBody } from "./body.ts";
import { adviceOnError, classOfError, describeError } from "./failure-class.ts";
import { proxiesOf } from "./proxy.ts";

export interface Hop {
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
}

export interface HopResponse {
  readonly kind: "response";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface HopFailure {
  readonly kind: "error";
  readonly class: ErrorClass;
  readonly detail: string;
  /** Advice, where the error itself allows more than its class. */
  readonly advice?: string;
}

export type HopResult = HopResponse | HopFailure;

export interface Transport {
  send(hop: Hop): Promise<HopResult>;
  close(): Promise<void>;
}

/** Bytes of an error page that are read, enough to quote from it. */
const MAX_ERROR_BYTES = 64 * 1024;

const CONNECT_TIMEOUT_MS = 10_000;

/**
 * How long one address of a host with several is tried before the next one. Node's own 250 ms are too short for a
 * satellite link or a lost packet (a lost SYN is sent again after a second): then every address is given up, for ever.
 */
const ADDRESS_TIMEOUT_MS = 3_000;

export interface TransportDeps {
  /** Name resolution, for tests; the system's when absent. */
  readonly lookup?: LookupFunction;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are read; absent: no proxy. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Behind a proxy it is the proxy that resolves names, so only literal private addresses can be refused here. */
export function makeTransport(deps: TransportDeps = {}): Transport {
  const guarded = makeDispatcher(deps, publicOnlyLookup(deps.lookup));
  const open = makeDispatcher(deps, deps.lookup);
  return {
    async send(hop) {
      const literal = literalAddress(hop.url.hostname);
      // Sockets do no lookup for a literal address, so the guarded lookup would not check it.
      if (!hop.allowPrivate && literal && !isPublicAddress(literal)) {
        return { kind: "error", class: "connect", detail: `${literal} is a private address` };
      }
      return await exchange(hop, hop.allowPrivate ? open : guarded);
    },
    async close() {
      await Promise.all([guarded.destroy(), open.destroy()]);
    },
  };
}

function makeDispatcher(deps: TransportDeps, lookup: LookupFunction | undefined): Dispatcher {
  const options = {
    connections: 4,
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 60_000,
    maxHeaderSize: 32 * 1024,
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: ADDRESS_TIMEOUT_MS,
      ...(lookup === undefined ? {} : { lookup }),
    },
  };
  const proxies = proxiesOf(deps.env ?? {});
  return proxies === null ? new Agent(options) : new EnvHttpProxyAgent({ ...options, ...proxies });
}

async function exchange(hop: Hop, dispatcher: Dispatcher): Promise<HopResult> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), hop.timeoutMs);
  const onAbort = () => deadline.abort();
  hop.signal.addEventListener("abort", onAbort, { once: true });
  if (hop.signal.aborted) deadline.abort();
  let headersSeen = false;
  try {
    const response = await request(hop.url, {
      dispatcher,
      method: hop.method,
      headers: { ...hop.headers },
      body: hop.body ?? null,
      signal: deadline.signal,
    });
    headersSeen = true;
    // Destroying an unread body emits an error event, which ends the process if nobody listens.
    response.body.on("error", () => undefined);
    const headers = flatten(response.headers);
    const success = response.statusCode < 300;
    const limit = success ? hop.maxBytes : MAX_ERROR_BYTES;
    try {
      const body = await readBody(response.body, headers["content-encoding"], limit);
      return { kind: "response", status: response.statusCode, headers, body };
    } catch (error) {
      response.body.destroy();
      // The status of a failure matters more than a page that cannot be read.
      if (!success && !deadline.signal.aborted) {
        return { kind: "response", status: response.statusCode, headers, body: Buffer.alloc(0) };
      }
      throw error;
    }
  } catch (error) {
    if (hop.signal.aborted) return { kind: "error", class: "timeout", detail: "no answer before the tick's deadline" };
    if (deadline.signal.aborted) {
      return { kind: "error", class: "timeout", detail: `no answer within ${hop.timeoutMs} ms` };
    }
    const advice = adviceOnError(error);
    return {
      kind: "error",
      class: classOfError(error, headersSeen),
      detail: describeError(error),
      ...(advice === undefined ? {} : { advice }),
    };
  } finally {
    clearTimeout(timer);
    hop.signal.removeEventListener("abort", onAbort);
  }
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(", ") : value;
  }
  return flat;
}
