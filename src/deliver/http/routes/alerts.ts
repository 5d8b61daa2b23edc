/** `/api/v1/alerts`: what was said, why, and who has seen it. */
import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import type { NetworkConfig } from "../../../config/resolve/resolved.ts";
import { ACK_VERDICTS } from "../../../model/ack.ts";
import type { Clocks } from "../../../model/clock.ts";
import { NOT_OPENED_REASONS, NotOpened, notOpenedId } from "../../../model/not-opened.ts";
import { isRegionCode } from "../../../model/region.ts";
import { isoTime } from "../../../model/tick.ts";
import type { AlertFilter, AlertRecord, AlertStore } from "../../../store/contract.ts";
import type { Authenticator } from "../../auth.ts";
import type { PushDeps } from "../../contract.ts";
import { storeLabel } from "../../push/store-label.ts";
import {
  type Api,
  answers,
  document,
  makeApi,
  mayWrite,
  NOT_FOUND_ANSWER,
  PROBLEM_ANSWERS,
  WRITE_ANSWERS,
  whoAsks,
} from "../api.ts";
import { atomFeed } from "../atom.ts";
import { csv, csvHeaders } from "../csv.ts";
import { ask, ProblemError } from "../problem.ts";
import {
  AlertDetail,
  AlertItem,
  Explanation,
  line,
  listOf,
  NotOpenedItem,
  networkQuery,
  regionQuery,
  scopeQuery,
  timeQuery,
} from "../schemas.ts";
import { chosenNetworks } from "./networks.ts";

export interface AlertRouteDeps {
  readonly networks: () => readonly NetworkConfig[];
  /** Where verdicts go to be learned from; absent: they are kept with the alert alone. */
  readonly push: PushDeps | undefined;
  readonly clocks: Clocks;
  readonly alerts: AlertStore;
  /** Where people reach the page; absent: where the request came. */
  readonly publicUrl?: string | undefined;
  readonly auth: Authenticator;
}

const byId = z.object({ id: z.string().max(200) });
const AckBody = z.object({
  note: line(2000).default(""),
  by: line(100).optional().describe("who acknowledges, where there are no tokens; a token's own name stands above it"),
  verdict: z
    .enum(ACK_VERDICTS)
    .optional()
    .describe("whether the alert was right: weights are learned from it; `none` takes back what was said"),
  region: z.string().refine(isRegionCode, "a region like KZ or US-TX").optional().describe("with the verdict other"),
});

const filterQuery = z.object({
  network: networkQuery,
  region: regionQuery,
  scope: scopeQuery,
  state: z.enum(["open", "resolved"]).optional(),
  since: timeQuery.optional().describe("data time: alerts whose newest event is at or after"),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

const routes = {
  list: createRoute({
    method: "get",
    path: "/alerts",
    summary: "Alerts, newest first",
    request: {
      query: filterQuery.extend({
        cursor: z.string().max(200).optional().describe("`next` of the page before"),
      }),
    },
    responses: { 200: answers("Alerts", listOf(AlertItem)), ...PROBLEM_ANSWERS },
  }),
  atom: createRoute({
    method: "get",
    path: "/alerts.atom",
    summary: "The newest alerts as an Atom feed",
    request: { query: filterQuery },
    responses: { 200: document("The feed", "application/atom+xml"), ...PROBLEM_ANSWERS },
  }),
  csv: createRoute({
    method: "get",
    path: "/alerts.csv",
    summary: "Alerts as CSV, newest first",
    request: { query: filterQuery },
    responses: { 200: document("A line for each alert", "text/csv"), ...PROBLEM_ANSWERS },
  }),
  get: createRoute({
    method: "get",
    path: "/alerts/{id}",
    summary: "One alert with all its events",
    request: { params: byId },
    responses: { 200: answers("The alert", AlertDetail), ...PROBLEM_ANSWERS, ...NOT_FOUND_ANSWER },
  }),
  explain: createRoute({
    method: "get",
    path: "/alerts/{id}/explain",
    summary: "What the alert's figures were computed from",
    request: { params: byId },
    responses: { 200: answers("The evidence", Explanation), ...PROBLEM_ANSWERS, ...NOT_FOUND_ANSWER },
  }),
  notOpened: createRoute({
    method: "get",
    path: "/not-opened",
    summary: "What did not open lately, and why, newest first",
    request: { query: z.object({ network: networkQuery }) },
    responses: { 200: answers("What was held back", listOf(NotOpenedItem)), ...PROBLEM_ANSWERS },
  }),
  ack: createRoute({
    method: "post",
    path: "/alerts/{id}/ack",
    summary: "Acknowledge with a note",
    request: { params: byId, body: { content: { "application/json": { schema: AckBody } } } },
    responses: {
      200: answers("The alert", AlertItem),
      ...PROBLEM_ANSWERS,
      ...NOT_FOUND_ANSWER,
      ...WRITE_ANSWERS,
    },
  }),
};

/** An alert as REST gives it: its newest event, and what has become of it. */
export function alertItem({ latest, open, ack, acks = [] }: AlertRecord): z.infer<typeof AlertItem> {
  return { ...latest, state: open ? "open" : "resolved", ...(ack ? { ack, acks: [...acks] } : {}) };
}

/** The columns of alerts as CSV. */
const ALERT_COLUMNS: Readonly<Record<string, (record: AlertRecord) => string | number | boolean | null | undefined>> = {
  id: ({ latest }) => latest.id,
  network: ({ latest }) => latest.network,
  scope: ({ latest }) => latest.scope,
  region: ({ latest }) => latest.region,
  pool: ({ latest }) => latest.pool,
  source: ({ latest }) => latest.source,
  state: ({ open }) => (open ? "open" : "resolved"),
  severity: ({ latest }) => latest.severity,
  probability: ({ latest }) => latest.candidates?.[0]?.probability,
  startedAt: ({ latest }) => latest.startedAt,
  endedAt: ({ latest }) => latest.endedAt,
  resolution: ({ latest }) => latest.resolution,
  drop: ({ latest }) => latest.drop?.estimate,
  dropLow: ({ latest }) => latest.drop?.low,
  dropHigh: ({ latest }) => latest.drop?.high,
  lostHashesPerSecond: ({ latest }) => latest.lost?.hashrate,
  lostLow: ({ latest }) => latest.lost?.low,
  lostHigh: ({ latest }) => latest.lost?.high,
  networkShare: ({ latest }) => latest.lost?.networkShare,
  cause: ({ latest }) => latest.cause?.why,
  saidAt: ({ latest }) => latest.at,
  acknowledgedBy: ({ ack }) => ack?.by,
  note: ({ ack }) => ack?.note,
};

function filterOf({ network, region, scope, state, since, limit }: z.output<typeof filterQuery>): AlertFilter {
  return {
    limit,
    ...(network === undefined ? {} : { network }),
    ...(region === undefined ? {} : { region }),
    ...(scope === undefined ? {} : { scope }),
    ...(state === undefined ? {} : { state }),
    ...(since === undefined ? {} : { since: Date.parse(since) }),
  };
}

const KeptList = z.object({ entries: z.array(NotOpened) });

/** What a network's kept list says did not open, newest first; nothing where there is no list yet. */
function heldBackIn(network: string, kept: { readonly bundle: unknown } | null): z.infer<typeof NotOpenedItem>[] {
  if (kept === null) return [];
  return KeptList.parse(kept.bundle)
    .entries.toReversed()
    .map((entry) => ({
      network,
      ...entry,
      firstAt: isoTime(entry.firstAt),
      lastAt: isoTime(entry.lastAt),
      why: NOT_OPENED_REASONS[entry.reason],
    }));
}

export function alertRoutes({ alerts, auth, networks, push, clocks, publicUrl }: AlertRouteDeps): Api {
  const api = makeApi();
  const missing = (id: string): ProblemError => new ProblemError("not-found", `no alert has the id ${id}`);
  api.openapi(routes.list, async (c) => {
    const { cursor, ...filter } = c.req.valid("query");
    const page = await ask(alerts.list({ ...filterOf(filter), ...(cursor === undefined ? {} : { after: cursor }) }));
    return c.json({ items: page.items.map(alertItem), next: page.next }, 200);
  });
  api.openapi(routes.atom, async (c) => {
    const { items } = await ask(alerts.list(filterOf(c.req.valid("query"))));
    const page = publicUrl ?? new URL(c.req.url).origin;
    const feed = atomFeed(items, { page, now: isoTime(clocks.data.now()) });
    return c.body(feed, 200, { "content-type": "application/atom+xml; charset=utf-8" });
  });
  api.openapi(routes.csv, async (c) => {
    const { items } = await ask(alerts.list(filterOf(c.req.valid("query"))));
    return c.body(csv(items, ALERT_COLUMNS), 200, csvHeaders("alerts"));
  });
  api.openapi(routes.get, async (c) => {
    const { id } = c.req.valid("param");
    const found = await ask(alerts.get(id));
    if (!found) throw missing(id);
    const events = found.events.toSorted((a, b) => a.revision - b.revision);
    return c.json({ ...alertItem(found.record), events }, 200);
  });
  api.openapi(routes.explain, async (c) => {
    const { id } = c.req.valid("param");
    const bundle = await ask(alerts.bundle(id));
    if (!bundle) throw missing(id);
    return c.json({ id: bundle.id, revision: bundle.revision, bundle: bundle.bundle }, 200);
  });
  api.openapi(routes.notOpened, async (c) => {
    const chosen = chosenNetworks(networks(), c.req.valid("query").network);
    const items = await Promise.all(
      chosen.map(async ({ name }) => heldBackIn(name, await ask(alerts.bundle(notOpenedId(name))))),
    );
    return c.json({ items: items.flat(), next: null }, 200);
  });
  api.use(routes.ack.getRoutingPath(), mayWrite(auth));
  api.openapi(routes.ack, async (c) => {
    const { id } = c.req.valid("param");
    const { note, by, verdict, region } = c.req.valid("json");
    if ((verdict === "other") !== (region !== undefined))
      throw new ProblemError(
        "bad-request",
        "json.region: the region that fell, with the verdict other and with no other verdict",
      );
    const record = await ask(
      alerts.acknowledge(id, {
        ...{ by: whoAsks(c, by), note },
        ...(verdict === undefined ? {} : { verdict }),
        ...(region === undefined ? {} : { region }),
      }),
    );
    if (!record) throw missing(id);
    const { network: name, scope } = record.latest;
    const network = networks().find((each) => each.name === name);
    if (verdict !== undefined && scope === "region" && network !== undefined && push !== undefined) {
      const said = { alert: id, verdict, ...(region === undefined ? {} : { region }) };
      const source = `person:${record.ack?.by ?? ""}`.slice(0, 100);
      await ask(storeLabel(push.samples, network, { at: Math.round(clocks.data.now()), source, ...said }));
    }
    return c.json(alertItem(record), 200);
  });
  return api;
}
