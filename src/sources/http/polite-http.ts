/**
 * Polite HTTP in one place. Per host: one request at a time, a minimum distance, pauses it asks for, a circuit breaker.
 * Per source: a daily budget. Per request: a deadline, limits of size, at most three redirects with each target checked anew, one
 * second try. Every way it can end is an outcome; nothing throws.
 */

import { createHash } from "node:crypto";
import type { Clocks } from "../../model/clock.ts";
import { messageOf } from "../../model/errors.ts";
import { HOUR_MS } from "../../model/time-units.ts";
import { ENCODINGS } from "./body.ts";
import { makeBreaker } from "./breaker.ts";
import type { HttpFailure, HttpOutcome, HttpRequest, PoliteHttp } from "./contract.ts";
import { HostGate } from "./host-gate.ts";
import { redact } from "./redact.ts";
import { followRedirect, MAX_REDIRECTS } from "./redirect.ts";
import { retryAfterMs } from "./retry-after.ts";
import { makeSleep, type Sleep } from "./sleep.ts";
import { classOfStatus, isBanRisk, isWorthRetrying } from "./status.ts";
import type { HopResponse, HopResult, Transport } from "./transport.ts";
import { Validators } from "./validators.ts";

const DEFAULT_MAX_BYTES = 2 * 1024 * 1024;
/** Requests for one document in one tick, the first included. */
const ATTEMPTS = 2;
const RETRY_DELAY_MS = { least: 500, spread: 1000 };
/** Pause for a host that says "too often" without a time, ms. It doubles while the host repeats it. */
const DEFAULT_HOLD_MS = 60_000;
const LONGEST_HOLD_MS = 3_600_000;
const MAX_HOSTS = 500;

export interface PoliteHttpOptions {
  readonly version: string;
  /** Where the operator of an API can reach the user: an http(s) or mailto URL, part of the User-Agent. */
  readonly contact?: string | undefined;
}

export interface PoliteHttpDeps {
  readonly clocks: Clocks;
  readonly transport: Transport;
  readonly sleep?: Sleep;
  /** 0..1, for jitter. */
  readonly random?: () => number;
}

/** The User-Agent: `hashfall/1.2.3 (+https://...)`; without a configured `contact` it says that there is none. */
export function userAgent({ version, contact }: PoliteHttpOptions): string {
  return `hashfall/${version} (${contact === undefined ? "mining-pool monitor; no contact given" : `+${contact}`})`;
}

interface Host {
  readonly gate: HostGate;
  readonly breaker: ReturnType<typeof makeBreaker>;
  limitedInARow: number;
}

export function makePoliteHttp(options: PoliteHttpOptions, deps: PoliteHttpDeps): PoliteHttp {
  const { clocks, transport } = deps;
  const sleep = deps.sleep ?? makeSleep(clocks);
  const random = deps.random ?? Math.random;
  const hosts = new Map<string, Host>();
  const validators = new Validators();
  const active = new Set<AbortController>();
  let closed = false;
  const agent = userAgent(options);

  const hostOf = (url: URL): Host => {
    let host = hosts.get(url.host);
    if (!host) {
      const gate = new HostGate({ clock: clocks.data, sleep });
      host = { gate, breaker: makeBreaker(clocks.speed), limitedInARow: 0 };
      hosts.set(url.host, host);
      // Redirects may name any host, so the number of remembered hosts is bounded.
      const oldest = hosts.keys().next();
      if (hosts.size > MAX_HOSTS && !oldest.done) hosts.delete(oldest.value);
    }
    return host;
  };

  /** One request to one host, through its gate and breaker. */
  const pass = async (url: URL, first: URL, request: HttpRequest, headers: Record<string, string>) => {
    const host = hostOf(url);
    host.gate.tighten(request.limits.spacingMs);
    const entry = await host.gate.enter(request.signal);
    if (entry.kind === "aborted") return failure("timeout", `no turn at ${url.host} before the tick's deadline`);
    if (entry.kind === "refused") {
      return {
        ...failure("rate-limited", `${url.host} was not asked: ${entry.why}`),
        retryAfterMs: entry.retryAfterMs,
      };
    }
    try {
      const { budget } = request.limits;
      if (budget !== undefined && !budget.allows(clocks.data.now())) {
        const spent = failure(
          "rate-limited",
          `${url.host} was not asked: our ${budget.limit} requests of a day are spent`,
        );
        return { ...spent, retryAfterMs: HOUR_MS };
      }
      budget?.spend(clocks.data.now());
      const method = request.method ?? "GET";
      const result = await host.breaker.run(() =>
        transport.send({
          url,
          method,
          headers,
          ...(request.body === undefined ? {} : { body: request.body }),
          maxBytes: request.maxBytes ?? DEFAULT_MAX_BYTES,
          timeoutMs: request.timeoutMs,
          // A redirect must not lead to a private address, even for a source that may itself be private.
          allowPrivate: request.allowPrivate && url.hostname === first.hostname,
          signal: request.signal,
        }),
      );
      return settle(host, url, request, result);
    } finally {
      entry.leave();
    }
  };

  /** Turns error statuses into failures, and keeps the pauses that the host asks for. */
  const settle = (host: Host, url: URL, request: HttpRequest, result: HopResult): HopResponse | HttpFailure => {
    if (result.kind === "error") return result;
    const { status } = result;
    if ((status >= 200 && status < 300) || (status >= 300 && status < 400)) {
      host.limitedInARow = 0;
      return result;
    }
    const failed = classOfStatus(status, request.statusClasses);
    const servedAt = Date.parse(result.headers.date ?? "") || clocks.real.now();
    const asked = retryAfterMs(result.headers["retry-after"], servedAt);
    const limited = failed === "rate-limited";
    host.limitedInARow = limited ? host.limitedInARow + 1 : 0;
    const fallback = limited ? Math.min(DEFAULT_HOLD_MS * 2 ** (host.limitedInARow - 1), LONGEST_HOLD_MS) : 0;
    const hold = asked ?? fallback;
    if (hold > 0) host.gate.hold(hold);
    const pause = hold > 0 ? `, asked again in ${Math.ceil(hold / 1000)} s at the earliest` : "";
    return {
      kind: "error",
      class: failed,
      httpStatus: status,
      detail: `HTTP ${status} from ${url.host}${pause}`,
      text: result.body.toString("utf8"),
      ...(hold > 0 ? { retryAfterMs: hold } : {}),
      ...(isBanRisk(status) ? { banRisk: true } : {}),
    };
  };

  const attempt = async (request: HttpRequest): Promise<HttpOutcome> => {
    const first = parseUrl(request.url);
    if (!first) return failure("connect", "the URL is not an http or https address");
    const conditional = (request.conditional ?? true) && (request.method ?? "GET") === "GET";
    const conditions = conditional ? validators.conditions(request.url) : {};
    let headers: Record<string, string> = {
      "user-agent": agent,
      accept: "application/json, text/plain;q=0.9, */*;q=0.1",
      "accept-encoding": ENCODINGS,
      ...request.headers,
      ...conditions,
    };
    let url = first;
    for (let redirects = 0; ; redirects++) {
      const result = await pass(url, first, request, headers);
      if (result.kind === "error")
        return redirects > 0 && isRefusal(result) ? { ...result, class: "redirect" } : result;
      if (result.status === 304) {
        if (Object.keys(conditions).length > 0) return { kind: "not-modified" };
        return { ...failure("http", `HTTP 304 from ${url.host} to an unconditional request`), httpStatus: 304 };
      }
      if (result.status >= 300) {
        if (redirects === MAX_REDIRECTS)
          return failure("redirect", `more than ${MAX_REDIRECTS} redirects from ${first.host}`);
        const next = followRedirect(url, result, request.method ?? "GET");
        if (next.kind === "error") return next;
        if (next.url.host !== url.host) headers = publicHeaders(headers, request);
        url = next.url;
        continue;
      }
      if (conditional) validators.remember(request.url, result.headers);
      return documentOf(result, url.host === first.host ? undefined : url.host);
    }
  };

  return {
    async request(request) {
      // Not AbortSignal.any: on Node 20 a long-lived signal keeps memory for every signal derived from it.
      const own = new AbortController();
      const { signal } = own;
      const onAbort = () => own.abort();
      request.signal.addEventListener("abort", onAbort, { once: true });
      if (closed || request.signal.aborted) own.abort();
      active.add(own);
      try {
        for (let tries = 1; ; tries++) {
          const outcome = await attempt({ ...request, signal });
          const again = outcome.kind === "error" && tries < ATTEMPTS && isTransient(outcome) && !signal.aborted;
          if (!again || !(await sleep(RETRY_DELAY_MS.least + random() * RETRY_DELAY_MS.spread, signal))) {
            return outcome.kind === "error"
              ? { ...outcome, detail: redact(outcome.detail, request.secrets ?? []) }
              : outcome;
          }
        }
      } catch (error) {
        return failure("connect", redact(`unexpected: ${messageOf(error)}`, request.secrets ?? []));
      } finally {
        active.delete(own);
        request.signal.removeEventListener("abort", onAbort);
      }
    },
    forget: (url) => validators.forget(url),
    hold(url, forMs) {
      const parsed = parseUrl(url);
      if (parsed !== null) hostOf(parsed).gate.hold(forMs);
    },
    async close() {
      closed = true;
      for (const one of active) one.abort();
      await transport.close();
    },
  };
}

function failure(failureClass: HttpFailure["class"], detail: string): HttpFailure {
  return { kind: "error", class: failureClass, detail };
}

function parseUrl(text: string): URL | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === "http:" || url.protocol === "https:" ? url : null;
}

function isRefusal(result: HttpFailure): boolean {
  return result.class === "connect" && result.detail.includes("private address");
}

function isTransient(outcome: HttpFailure): boolean {
  if (outcome.detail.startsWith("left alone") || isRefusal(outcome)) return false;
  if (outcome.httpStatus !== undefined)
    return outcome.retryAfterMs === undefined && isWorthRetrying(outcome.httpStatus);
  return ["dns", "connect", "timeout", "partial"].includes(outcome.class) && outcome.retryAfterMs === undefined;
}

/** Headers that may go to another host: none that the source added (keys travel in custom headers too). */
function publicHeaders(headers: Record<string, string>, request: HttpRequest): Record<string, string> {
  const own = new Set(Object.keys(request.headers ?? {}).map((name) => name.toLowerCase()));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.has(name.toLowerCase())));
}

function documentOf(response: HopResponse, redirectedTo: string | undefined): HttpOutcome {
  const ageSeconds = Number(response.headers.age ?? Number.NaN);
  const modifiedAt = Date.parse(response.headers["last-modified"] ?? "");
  return {
    kind: "document",
    status: response.status,
    text: textOf(response.body),
    bodySha256: createHash("sha256").update(response.body).digest("hex"),
    ...(ageSeconds >= 0 && Number.isFinite(ageSeconds) ? { ageMs: ageSeconds * 1000 } : {}),
    ...(Number.isNaN(modifiedAt) ? {} : { modifiedAt }),
    ...(redirectedTo === undefined ? {} : { redirectedTo }),
  };
}

/** UTF-8 as JSON has to be; a byte order mark names the little-endian UTF-16 that some Windows servers write. */
function textOf(body: Buffer): string {
  const isUtf16 = body.length >= 2 && body[0] === 0xff && body[1] === 0xfe;
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(body);
}
