/** `/api/v1/weights`: configured region weights beside what falls have taught of them, and a way to forget that. */
import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import type { NetworkConfig } from "../../../config/resolve/resolved.ts";
import type { Clocks } from "../../../model/clock.ts";
import { OTHER_REGION } from "../../../model/region.ts";
import { isoTime } from "../../../model/tick.ts";
import type { LearnedWeights } from "../../../model/view.ts";
import type { Authenticator } from "../../auth.ts";
import type { PushDeps } from "../../contract.ts";
import { storeLabel } from "../../push/store-label.ts";
import type { ViewFeed } from "../../view-feed.ts";
import { type Api, answers, makeApi, mayWrite, PROBLEM_ANSWERS, WRITE_ANSWERS, whoAsks } from "../api.ts";
import { ask, ProblemError } from "../problem.ts";
import { listOf, networkQuery, WeightsItem } from "../schemas.ts";
import { chosenNetworks } from "./networks.ts";

export interface WeightRouteDeps {
  readonly networks: () => readonly NetworkConfig[];
  readonly views: ViewFeed;
  readonly clocks: Clocks;
  readonly auth: Authenticator;
  /** Where labels go; absent: nothing can be learned or forgotten here. */
  readonly push: PushDeps | undefined;
}

const routes = {
  list: createRoute({
    method: "get",
    path: "/weights",
    summary: "Region weights, configured and learned",
    request: { query: z.object({ network: networkQuery }) },
    responses: { 200: answers("Weights by network", listOf(WeightsItem)), ...PROBLEM_ANSWERS },
  }),
  reset: createRoute({
    method: "delete",
    path: "/weights",
    summary: "Forget everything that falls have taught",
    request: { query: z.object({ network: networkQuery }) },
    responses: {
      202: answers("Forgotten at the next tick", z.object({ networks: z.array(z.string()) })),
      ...PROBLEM_ANSWERS,
      ...WRITE_ANSWERS,
    },
  }),
};

/** One network's weights: every configured one, with the learned one beside it. */
export function weightsItem(
  { name: network, model, weightNotes = [] }: NetworkConfig,
  learned: LearnedWeights | undefined,
): z.infer<typeof WeightsItem> {
  const notes = new Map(weightNotes.map((note) => [`${note.pool} ${note.region}`, note]));
  const taught = new Map((learned?.weights ?? []).map((each) => [`${each.pool} ${each.region}`, each]));
  return {
    network,
    learning: model.detection.learnWeights !== false,
    revision: learned?.revision ?? 0,
    labels: (learned?.labels ?? []).map(({ startedAt, ...label }) => ({ ...label, startedAt: isoTime(startedAt) })),
    weights: model.pools.flatMap(({ id: pool, regions }) =>
      regions
        .filter(({ region }) => region !== OTHER_REGION)
        .map(({ region, weight, sd }) => {
          const { asOf, source } = notes.get(`${pool} ${region}`) ?? {};
          const found = taught.get(`${pool} ${region}`);
          return {
            pool,
            region,
            configured: { weight, sd },
            ...(found === undefined ? {} : { learned: { weight: found.weight, sd: found.sd } }),
            ...(asOf === undefined ? {} : { asOf }),
            ...(source === undefined ? {} : { source }),
          };
        }),
    ),
  };
}

export function weightRoutes({ networks, views, clocks, auth, push }: WeightRouteDeps): Api {
  const api = makeApi();
  api.openapi(routes.list, (c) => {
    const chosen = chosenNetworks(networks(), c.req.valid("query").network);
    const items = chosen.map((network) => weightsItem(network, views.current(network.name)?.learned));
    return c.json({ items, next: null }, 200);
  });
  api.delete(routes.reset.path, mayWrite(auth));
  api.openapi(routes.reset, async (c) => {
    if (push === undefined) throw new ProblemError("not-configured", "this process takes no labels");
    const chosen = chosenNetworks(networks(), c.req.valid("query").network);
    const source = `person:${whoAsks(c, undefined)}`;
    for (const network of chosen)
      await ask(
        storeLabel(push.samples, network, { at: Math.round(clocks.data.now()), source, alert: "", verdict: "reset" }),
      );
    return c.json({ networks: chosen.map(({ name }) => name) }, 202);
  });
  return api;
}
