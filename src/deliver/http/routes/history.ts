/** `/api/v1/history`: hash rate over time, of a region or of a whole network. */
import { createHash } from "node:crypto";
import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import type { NetworkConfig } from "../../../config/resolved.ts";
import type { Clocks } from "../../../model/clock.ts";
import { isoTime } from "../../../model/tick.ts";
import type { ViewStore } from "../../../store/contract.ts";
import { type Api, answers, makeApi, PROBLEM_ANSWERS } from "../api.ts";
import { ask, ProblemError } from "../problem.ts";
import { HistoryItem, listOf, regionQuery, timeQuery } from "../schemas.ts";
import { chosenNetworks } from "./networks.ts";

export interface HistoryRouteDeps {
  readonly networks: () => readonly NetworkConfig[];
  readonly views: ViewStore;
  readonly clocks: Clocks;
}

const MAX_POINTS = 2000;
const DAY_MS = 86_400_000;
const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: DAY_MS };

const route = createRoute({
  method: "get",
  path: "/history",
  summary: "Hash rate over time",
  request: {
    query: z.object({
      network: z.string().max(64).optional().describe("default: the first one"),
      region: regionQuery.describe("default: the whole network"),
      from: timeQuery.optional().describe("data time; default: a day before `to`"),
      to: timeQuery.optional().describe("data time; default: now"),
      step: z
        .string()
        .regex(/^[1-9]\d{0,5}[smhd]$/, "a length of time like 5m, 1h or 1d")
        .optional()
        .describe("means over this; default: the network's interval"),
    }),
    headers: z.object({ "if-none-match": z.string().optional() }),
  },
  responses: {
    200: answers(`At most ${MAX_POINTS} points; \`next\` is the \`from\` of the rest`, listOf(HistoryItem)),
    304: { description: "Nothing has changed since the ETag that was sent" },
    ...PROBLEM_ANSWERS,
  },
});

export function historyRoutes({ networks, views, clocks }: HistoryRouteDeps): Api {
  const api = makeApi();
  api.openapi(route, async (c) => {
    const query = c.req.valid("query");
    const network = chosenNetworks(networks(), query.network)[0];
    if (!network) throw new ProblemError("unknown-network", "no network is configured");
    const to = query.to === undefined ? clocks.data.now() : Date.parse(query.to);
    const from = query.from === undefined ? to - DAY_MS : Date.parse(query.from);
    const stepMs = query.step === undefined ? network.intervalMs : lengthOf(query.step);
    if (from >= to) throw new ProblemError("bad-request", "query.from: must be before `to`");
    const points = await ask(
      views.history({
        network: network.name,
        ...(query.region === undefined ? {} : { region: query.region }),
        from,
        to,
        stepMs,
        limit: MAX_POINTS,
      }),
    );
    const last = points.at(-1);
    const next = points.length === MAX_POINTS && last && last.at + stepMs < to ? isoTime(last.at + stepMs) : null;
    const body = { items: points.map(({ at, ...figures }) => ({ at: isoTime(at), ...figures })), next };
    const etag = `"${createHash("sha256").update(JSON.stringify(body)).digest("base64url").slice(0, 22)}"`;
    c.header("etag", etag);
    c.header("cache-control", "no-cache");
    const known = c.req.valid("header")["if-none-match"] ?? "";
    if (known.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag)) return c.body(null, 304);
    return c.json(body, 200);
  });
  return api;
}

function lengthOf(step: string): number {
  return Number(step.slice(0, -1)) * (UNIT_MS[step.slice(-1)] ?? Number.NaN);
}
