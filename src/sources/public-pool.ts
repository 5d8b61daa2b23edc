/**
 * public-pool (public-pool.io or your own): H/s as a number, cached five minutes by the server, no time, so an identical
 * body for five minutes is normal. Shape: its app.controller.ts.
 */
import { z } from "zod";
import { BITCOIN_ALONE } from "./adapter.ts";
import { figureSource } from "./figure-source.ts";
import { own } from "./parse/shape.ts";

export const publicPool = figureSource({
  type: "public-pool",
  forCoin: BITCOIN_ALONE,
  describe: {
    summary: "a public-pool instance: solo and home miners on one server",
    limits: "none published; its answers are cached for five minutes, so it is asked once in five",
    key: "none",
    undocumented: false,
  },
  defaults: {
    url: "https://public-pool.io:40557",
    minIntervalMs: 300_000,
    staleAfterMs: 900_000,
    timeoutMs: 15_000,
    dailyBudget: 400,
  },
  options: z.strictObject({}),
  path: () => "/api/pool",
  figure: (body) => ({
    value: own(body, "totalHashRate"),
    unit: "H/s",
    // Chart buckets of ten minutes are what the total is summed from.
    window: { kind: "bucket", seconds: 600 },
  }),
});
