/** `/api/v1/history`: hash rate over time, of a region or of a whole network. */

import { createHash } from "node:crypto";
import { createRoute } from "@hono/zod-openapi";
import { BulkheadRejectedError, bulkhead } from "cockatiel";
import { z } from "zod";
import type { NetworkConfig } from "../../../config/resolve/resolved.ts";
import type { Clocks } from "../../../model/clock.ts";
import { partsOf } from "../../../model/roll-up.ts";
import { isoTime } from "../../../model/tick.ts";
import { DAY_MS } from "../../../model/time-units.ts";
import type { ViewStore } from "../../../store/contract.ts";
import { type Api, answers, document, makeApi, PROBLEM_ANSWERS } from "../api.ts";
import { csv, csvHeaders } from "../csv.ts";
import { ask, ProblemError } from "../problem.ts";
import { HistoryItem, listOf, regionQuery, timeQuery } from "../schemas.ts";
import { chosenNetworks } from "./networks.ts";

export interface HistoryRouteDeps {
  readonly networks: () => readonly NetworkConfig[];
  readonly views: ViewStore;
  readonly clocks: Clocks;
}

const MAX_POINTS = 2000;
const MAX_STEP_MS = 366 * DAY_MS;
/** Spans that are read at once, and that may wait: each reads up to two years of hours, some 100 ms of work. */
const READS_AT_ONCE = 4;
const READS_WAITING = 32;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS };

const History = listOf(HistoryItem).extend({
  rollUp: z.literal(true).optional().describe("a country whose subdivisions are the regions: sums over them"),
  of: z.array(z.string()).optional().describe("the regions that a roll-up sums"),
});

const SpanQuery = z.object({
  network: z.string().max(64).optional().describe("default: the first one"),
  region: regionQuery.describe("default: the whole network"),
  from: timeQuery.optional().describe("data time; default: a day before `to`"),
  to: timeQuery.optional().describe("data time; default: now"),
  step: z
    .string()
    .regex(/^[1-9]\d{0,5}[smhd]$/, "a length of time like 5m, 1h or 1d")
    .optional()
    .describe("means over this; default: the network's interval"),
});
const route = createRoute({
  method: "get",
  path: "/history",
  summary: "Hash rate over time",
  request: {
    query: SpanQuery,
    headers: z.object({ "if-none-match": z.string().optional() }),
  },
  responses: {
    200: answers(`At most ${MAX_POINTS} points; \`next\` is the \`from\` of the rest`, History),
    304: { description: "Nothing has changed since the ETag that was sent" },
    ...PROBLEM_ANSWERS,
  },
});
const csvRoute = createRoute({
  method: "get",
  path: "/history.csv",
  summary: "Hash rate over time as CSV",
  request: { query: SpanQuery },
  responses: { 200: document(`A line for each of at most ${MAX_POINTS} points`, "text/csv"), ...PROBLEM_ANSWERS },
});

/** The columns of a history as CSV. */
const HISTORY_COLUMNS: Readonly<Record<string, (point: z.output<typeof HistoryItem>) => string | number | undefined>> =
  {
    at: ({ at }) => at,
    hashesPerSecond: ({ hashrate }) => hashrate,
    expectedHashesPerSecond: ({ expected }) => expected,
    drop: ({ drop }) => drop,
  };

export function historyRoutes({ networks, views, clocks }: HistoryRouteDeps): Api {
  const api = makeApi();
  const reads = bulkhead(READS_AT_ONCE, READS_WAITING);
  async function inTurn<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await reads.execute(read);
    } catch (error) {
      if (error instanceof BulkheadRejectedError)
        throw new ProblemError("too-busy", `at most ${READS_AT_ONCE + READS_WAITING} histories at once`);
      throw error;
    }
  }
  async function read(query: z.output<typeof SpanQuery>, client: AbortSignal) {
    const network = chosenNetworks(networks(), query.network)[0];
    if (!network) throw new ProblemError("unknown-network", "no network is configured");
    const to = query.to === undefined ? clocks.data.now() : Date.parse(query.to);
    const from = query.from === undefined ? to - DAY_MS : Date.parse(query.from);
    const stepMs = query.step === undefined ? network.intervalMs : lengthOf(query.step);
    if (stepMs > MAX_STEP_MS) throw new ProblemError("bad-request", "query.step: at most 366d");
    if (from >= to) throw new ProblemError("bad-request", "query.from: must be before `to`");
    const span = { network: network.name, from, to, stepMs, limit: MAX_POINTS };
    const parts = query.region === undefined ? [] : partsOf(query.region, regionsOf(network));
    const regions = parts.length > 0 ? parts : query.region === undefined ? [] : [query.region];
    const points = await inTurn(() => ask((signal) => views.history({ ...span, regions, signal }), client));
    const last = points.at(-1);
    const next = points.length === MAX_POINTS && last && last.at + stepMs < to ? isoTime(last.at + stepMs) : null;
    const items = points.map(({ at, ...figures }) => ({ at: isoTime(at), ...figures }));
    return { items, next, ...(parts.length > 0 ? { rollUp: true as const, of: parts } : {}) };
  }
  api.openapi(csvRoute, async (c) => {
    const { items } = await read(c.req.valid("query"), c.req.raw.signal);
    return c.body(csv(items, HISTORY_COLUMNS), 200, csvHeaders("history"));
  });
  api.openapi(route, async (c) => {
    const body = await read(c.req.valid("query"), c.req.raw.signal);
    const etag = `"${createHash("sha256").update(JSON.stringify(body)).digest("base64url").slice(0, 22)}"`;
    c.header("etag", etag);
    c.header("cache-control", "no-cache");
    const known = c.req.valid("header")["if-none-match"] ?? "";
    if (known.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag)) return c.body(null, 304);
    return c.json(body, 200);
  });
  return api;
}

function regionsOf({ model }: NetworkConfig): string[] {
  return model.pools.flatMap(({ regions }) => regions.map(({ region }) => region));
}

function lengthOf(step: string): number {
  return Number(step.slice(0, -1)) * (UNIT_MS[step.slice(-1)] ?? Number.NaN);
}
