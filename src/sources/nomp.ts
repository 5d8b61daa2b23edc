/**
 * NOMP and z-nomp: /api/stats with its own time. `global.hashrate` is always 0 and `hashrateString` is decimal or binary
 * by fork, so only the number of one pool is read. Before the first gathering the body is empty or `undefined`. Shape:
 * its libs/stats.js.
 */
import { z } from "zod";
import { figureSource } from "./figure-source.ts";
import { noSuchPool } from "./no-such-pool.ts";
import { parseJson } from "./parse/json.ts";
import { isObject, own } from "./parse/shape.ts";
import { parseTime } from "./parse/time.ts";

const options = z.strictObject({
  poolId: z.string().min(1).describe("key in `pools`, like litecoin"),
});

export const nomp = figureSource<z.infer<typeof options>>({
  type: "nomp",
  describe: {
    summary: "one pool of a NOMP or z-nomp installation",
    limits: "none; asked every two minutes at most",
    key: "none",
    undocumented: false,
  },
  defaults: { minIntervalMs: 120_000, staleAfterMs: 600_000, timeoutMs: 15_000 },
  options,
  path: () => "/api/stats",
  parse(text) {
    const body = text.trim();
    return body === "" || body === "undefined" ? null : parseJson(body);
  },
  figure(body, { poolId }) {
    if (body === null) return "empty";
    const pools = own(body, "pools");
    const pool = own(pools, poolId);
    if (!isObject(pool)) {
      throw noSuchPool(poolId, isObject(pools) ? Object.keys(pools) : []);
    }
    return {
      value: own(pool, "hashrate"),
      unit: "H/s",
      window: { kind: "sliding", seconds: 300 },
      observedAt: parseTime(own(body, "time")),
    };
  },
});
