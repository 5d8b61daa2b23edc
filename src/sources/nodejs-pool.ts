/**
 * nodejs-pool (SupportXMR, MoneroOcean, C3Pool, ...): /pool/stats, H/s over ten minutes, no time. Also HashVault's shape
 * (`pool_statistics.collective`). Shape: its lib/api.js.
 */
import { z } from "zod";
import { excerpt, SourceFailure } from "./failure.ts";
import { figureSource } from "./figure-source.ts";
import { own, ownAnyCase } from "./parse/shape.ts";

export const nodejsPool = figureSource({
  type: "nodejs-pool",
  describe: {
    summary: "a pool that runs nodejs-pool, like SupportXMR (ten-minute mean)",
    limits: "none published; asked every minute at most",
    key: "none",
    undocumented: false,
  },
  defaults: { minIntervalMs: 60_000, staleAfterMs: 600_000, timeoutMs: 15_000 },
  options: z.strictObject({}),
  path: () => "/pool/stats",
  figure(body) {
    const error = own(body, "error");
    if (error) throw new SourceFailure("semantic", `it answered ${excerpt(error)}`);
    const statistics = own(body, "pool_statistics");
    // Null is a figure that the pool does not know, and no reason to look elsewhere.
    const figure = ownAnyCase(statistics, "hashRate");
    return {
      value: figure === undefined ? ownAnyCase(own(statistics, "collective"), "hashRate") : figure,
      unit: "H/s",
      window: { kind: "sliding", seconds: 600 },
    };
  },
});
