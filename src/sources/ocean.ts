/** OCEAN's public API. Every rate is a decimal string in H/s; no times, no limit headers. Shape: public clients of 2026. */
import { z } from "zod";
import { BITCOIN_ALONE } from "./adapter.ts";
import { excerpt, SourceFailure } from "./failure.ts";
import { figureSource } from "./figure-source.ts";
import { own } from "./parse/shape.ts";

export const ocean = figureSource({
  type: "ocean",
  forCoin: BITCOIN_ALONE,
  describe: {
    summary: "OCEAN's own figure over one or five minutes",
    limits: "none published; asked once a minute at most",
    key: "none",
    undocumented: false,
  },
  defaults: {
    url: "https://api.ocean.xyz",
    minIntervalMs: 60_000,
    staleAfterMs: 180_000,
    timeoutMs: 15_000,
    dailyBudget: 1500,
  },
  options: z.strictObject({
    average: z.enum(["60s", "300s"]).describe("which of its averages: one minute or five").default("300s"),
  }),
  path: () => "/v1/pool_hashrate",
  figure(body, { average }) {
    const result = own(body, "result");
    // Errors come with status 200 and a text where the result should be.
    if (typeof result === "string" || own(body, "error")) {
      throw new SourceFailure("semantic", `it answered ${excerpt(own(body, "error") ?? result)}`);
    }
    const seconds = Number.parseInt(average, 10);
    return { value: own(result, `pool_${average}`), unit: "H/s", window: { kind: "sliding", seconds } };
  },
});
