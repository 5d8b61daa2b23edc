/**
 * open-ethereum-pool and its kin (2Miners, solopool, ...): /api/stats. `now` is only the time of the answer: when the
 * pool's database fails the old figures go out under a fresh `now`, so the nodes' last beat is the time of the figure.
 * Shape: its api/server.go, 2Miners' API description.
 */
import { z } from "zod";
import { SourceFailure } from "./failure.ts";
import { figureSource } from "./figure-source.ts";
import { heightOf } from "./parse/hashrate.ts";
import { isObject, own, textOf } from "./parse/shape.ts";
import { parseTime } from "./parse/time.ts";

const options = z.strictObject({
  algorithm: z
    .string()
    .min(1)
    .describe("key of `hashrates` for coins mined with several algorithms (like 32 for Cuckaroo29)")
    .optional(),
  windowSeconds: z.number().int().positive().describe("the pool's hashrateWindow").default(1800),
});

/** The newest beat of its nodes, ms; pools that keep no beat have none. */
export function newestBeat(body: unknown): number | undefined {
  const nodes = own(body, "nodes");
  const beats = (Array.isArray(nodes) ? nodes : [])
    .map((node) => parseTime(own(node, "lastBeat")))
    .filter((beat) => beat !== undefined);
  return beats.length === 0 ? undefined : Math.max(...beats);
}

/** Height of its highest node. */
function highestNode(body: unknown): number | undefined {
  const nodes = own(body, "nodes");
  const heights = (Array.isArray(nodes) ? nodes : []).map((node) => heightOf(own(node, "height")) ?? 0);
  return heightOf(Math.max(0, ...heights));
}

export const openEthereumPool = figureSource<z.infer<typeof options>>({
  type: "open-ethereum-pool",
  describe: {
    summary: "a pool of the open-ethereum-pool family, like https://etc.2miners.com (half-hour mean)",
    limits: "none published; asked every two minutes at most",
    key: "none",
    undocumented: false,
  },
  defaults: { minIntervalMs: 120_000, staleAfterMs: 600_000, timeoutMs: 15_000 },
  options,
  // 2Miners sends charts along.
  maxBytes: 4 * 1024 * 1024,
  path: () => "/api/stats",
  figure(body, { algorithm, windowSeconds }) {
    const code = own(body, "code");
    if (code !== undefined) throw new SourceFailure("semantic", `it answered code ${textOf(code) ?? "?"}`);
    // Until the first collection there is nothing but the nodes.
    if (isObject(body) && Object.keys(body).every((key) => key === "nodes" || key === "now")) return "empty";
    const value = algorithm === undefined ? own(body, "hashrate") : own(own(body, "hashrates"), algorithm);
    const byAlgorithm = own(body, "hashrates");
    if (value === undefined && isObject(byAlgorithm)) {
      const known = Object.keys(byAlgorithm).join(", ");
      throw new SourceFailure("semantic", `it has a figure per algorithm: ${known}`, {
        advice: `set \`algorithm\` to one of ${known}`,
      });
    }
    return {
      value,
      unit: "H/s",
      window: { kind: "sliding", seconds: windowSeconds },
      observedAt: newestBeat(body) ?? parseTime(own(body, "now")),
      chainHeight: highestNode(body),
    };
  },
});
