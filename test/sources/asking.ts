/** Asks one source against a local upstream, for tests of what a single adapter does. */
import { afterEach, beforeEach } from "vitest";
import type { SourceConfig } from "../../src/config/resolve/resolved.ts";
import type { FetchOutcome, Observation, Source } from "../../src/sources/contract.ts";
import type { PoliteHttp } from "../../src/sources/http/contract.ts";
import {
  configOf,
  fetchOnce,
  fixture,
  type Handler,
  hastyHttp,
  sourceOn,
  startUpstream,
  type Upstream,
} from "./upstream.ts";

export interface Asking {
  readonly upstream: Upstream;
  source(type: string, options?: SourceConfig["options"], more?: Partial<SourceConfig>): Source;
  /** Lets the upstream answer so, and asks once. */
  asking(
    type: string,
    body: string | Handler,
    options?: SourceConfig["options"],
    more?: Partial<SourceConfig>,
  ): Promise<FetchOutcome>;
}

/** A fresh upstream and client for each test of the file. */
export function useUpstream(): () => Asking {
  let upstream: Upstream;
  let http: PoliteHttp;
  beforeEach(async () => {
    upstream = await startUpstream();
    http = hastyHttp();
  });
  afterEach(async () => {
    await http.close();
    await upstream.close();
  });
  const source: Asking["source"] = (type, options = {}, more = {}) => {
    const whole = type === "reported-json" || type === "regions-map";
    const config = configOf(type, whole ? `${upstream.url}/private/rate` : upstream.url, { ...more, options });
    return sourceOn(config, http, { TOKEN: "sentinel" });
  };
  return () => ({
    upstream,
    source,
    asking: (type, body, options, more) => {
      upstream.answer(typeof body === "string" ? says(body) : body);
      return fetchOnce(source(type, options, more));
    },
  });
}

export const says =
  (body: string, headers: Record<string, string> = {}): Handler =>
  (_, response) => {
    response.writeHead(200, headers);
    response.end(body);
  };

export function rowsOf(outcome: FetchOutcome): readonly Observation[] {
  if (outcome.kind !== "ok") throw new Error(`expected rows, got ${JSON.stringify(outcome)}`);
  return outcome.rows;
}

export function rateOf(outcome: FetchOutcome): number | null {
  const [row] = rowsOf(outcome);
  return row?.kind === "rate" ? row.hashrate : null;
}

/** An own fixture with something changed in it. */
export function edited(path: string, change: (data: never) => void): string {
  const data = JSON.parse(fixture(path)) as never;
  change(data);
  return JSON.stringify(data);
}
