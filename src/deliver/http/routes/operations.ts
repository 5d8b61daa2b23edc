/** Silences and webhooks that were given up. */

import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import type { NetworkConfig } from "../../../config/resolve/resolved.ts";
import { isRegionCode } from "../../../model/region.ts";
import { DAY_MS } from "../../../model/time-units.ts";
import type { SilenceStore } from "../../../store/contract.ts";
import type { Authenticator } from "../../auth.ts";
import type { DeadLetters, TestWebhook } from "../../contract.ts";
import { unknownName } from "../../known-names.ts";
import {
  type Api,
  answers,
  makeApi,
  mayWrite,
  NOT_FOUND_ANSWER,
  PROBLEM_ANSWERS,
  WRITE_ANSWERS,
  whoAsks,
} from "../api.ts";
import { ask, ProblemError } from "../problem.ts";
import { DeadLetterItem, line, listOf, SilenceItem, timeQuery } from "../schemas.ts";

export interface OperationRouteDeps {
  readonly networks: () => readonly NetworkConfig[];
  readonly silences: SilenceStore | undefined;
  readonly deadLetters: DeadLetters | undefined;
  readonly testWebhook: TestWebhook | undefined;
  readonly auth: Authenticator;
}

const SilenceBody = z
  .object({
    network: line(64).optional(),
    region: z.string().refine(isRegionCode, "a region like KZ or US-TX").optional(),
    pool: line(64).optional(),
    startsAt: timeQuery.optional().describe("default: now"),
    endsAt: timeQuery.describe("at most 31 days ahead"),
    by: line(100).optional().describe("who asks, where there are no tokens; a token's own name stands above it"),
    note: line(2000).default(""),
  })
  .refine((body) => body.region !== undefined || body.pool !== undefined, "give a region or a pool");
const WebhookTested = z.object({
  webhook: z.string(),
  delivered: z.boolean(),
  reason: z.string().optional().describe("what the receiver said, or why it was not reached"),
});
const Redriven = z.object({ redriven: z.number().int() });

const routes = {
  list: createRoute({
    method: "get",
    path: "/silences",
    summary: "Silences that are or will be in force",
    responses: { 200: answers("Silences", listOf(SilenceItem)), ...PROBLEM_ANSWERS },
  }),
  add: createRoute({
    method: "post",
    path: "/silences",
    summary: "Mute webhooks and the page for a region or pool",
    request: { body: { content: { "application/json": { schema: SilenceBody } } } },
    responses: {
      200: answers("The silence", SilenceItem),
      ...PROBLEM_ANSWERS,
      ...NOT_FOUND_ANSWER,
      ...WRITE_ANSWERS,
    },
  }),
  remove: createRoute({
    method: "delete",
    path: "/silences/{id}",
    summary: "End a silence",
    request: { params: z.object({ id: z.string().max(64) }) },
    responses: {
      204: { description: "It is gone" },
      ...PROBLEM_ANSWERS,
      ...NOT_FOUND_ANSWER,
      ...WRITE_ANSWERS,
    },
  }),
  dead: createRoute({
    method: "get",
    path: "/webhooks/dead",
    summary: "Deliveries that were given up",
    request: { query: z.object({ limit: z.coerce.number().int().min(1).max(500).default(100) }) },
    responses: { 200: answers("Dead letters", listOf(DeadLetterItem)), ...PROBLEM_ANSWERS, ...NOT_FOUND_ANSWER },
  }),
  redrive: createRoute({
    method: "post",
    path: "/webhooks/dead/redrive",
    summary: "Try dead letters again",
    request: { query: z.object({ id: z.string().max(200).optional().describe("default: all") }) },
    responses: {
      200: answers("How many were put back", Redriven),
      ...PROBLEM_ANSWERS,
      ...NOT_FOUND_ANSWER,
      ...WRITE_ANSWERS,
    },
  }),
  test: createRoute({
    method: "post",
    path: "/webhooks/{name}/test",
    summary: "Send a marked test message to a webhook",
    request: { params: z.object({ name: z.string().max(64) }) },
    responses: {
      200: answers("Whether the receiver took it", WebhookTested),
      ...PROBLEM_ANSWERS,
      ...NOT_FOUND_ANSWER,
      ...WRITE_ANSWERS,
    },
  }),
};

export function operationRoutes({ networks, silences, deadLetters, testWebhook, auth }: OperationRouteDeps): Api {
  const api = makeApi();
  const needSilences = (): SilenceStore => {
    if (!silences) throw new ProblemError("not-configured", "silences are not kept here");
    return silences;
  };
  const needDeadLetters = (): DeadLetters => {
    if (!deadLetters) throw new ProblemError("not-configured", "no webhook is configured");
    return deadLetters;
  };
  api.openapi(routes.list, async (c) => {
    const items = silences ? await ask(silences.list()) : [];
    return c.json({ items: [...items], next: null }, 200);
  });
  api.on(
    ["POST", "DELETE"],
    ["/silences", "/silences/:id", "/webhooks/dead/redrive", "/webhooks/:name/test"],
    mayWrite(auth),
  );
  api.openapi(routes.add, async (c) => {
    const body = c.req.valid("json");
    const named = {
      networks: body.network === undefined ? undefined : [body.network],
      regions: body.region === undefined ? undefined : [body.region],
      pools: body.pool === undefined ? undefined : [body.pool],
    };
    const unknown = unknownName(named, networks());
    if (unknown !== null) throw new ProblemError(unknown.code, unknown.why);
    const startsAt = Date.parse(body.startsAt ?? new Date().toISOString());
    const endsAt = Date.parse(body.endsAt);
    if (endsAt <= startsAt || endsAt > Date.now() + 31 * DAY_MS)
      throw new ProblemError("bad-request", "json.endsAt: after startsAt, and at most 31 days ahead");
    const silence = await ask(
      needSilences().add({
        ...(body.network === undefined ? {} : { network: body.network }),
        ...(body.region === undefined ? {} : { region: body.region }),
        ...(body.pool === undefined ? {} : { pool: body.pool }),
        startsAt: new Date(startsAt).toISOString(),
        endsAt: new Date(endsAt).toISOString(),
        by: whoAsks(c, body.by),
        note: body.note,
      }),
    );
    return c.json(silence, 200);
  });
  api.openapi(routes.remove, async (c) => {
    const { id } = c.req.valid("param");
    if (!(await ask(needSilences().remove(id)))) throw new ProblemError("not-found", `no silence has the id ${id}`);
    return c.body(null, 204);
  });
  api.openapi(routes.dead, async (c) => {
    const items = await ask(needDeadLetters().list(c.req.valid("query").limit));
    return c.json({ items: [...items], next: null }, 200);
  });
  api.openapi(routes.redrive, async (c) => {
    const redriven = await ask(needDeadLetters().redrive(c.req.valid("query").id));
    return c.json({ redriven }, 200);
  });
  api.openapi(routes.test, async (c) => {
    const { name } = c.req.valid("param");
    const result = (await testWebhook?.(name)) ?? null;
    if (result === null) throw new ProblemError("not-found", `no webhook "${name}" is configured`);
    return c.json(result, 200);
  });
  return api;
}
