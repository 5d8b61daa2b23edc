/**
 * cryptonote-nodejs-pool (HeroMiners, xmrpool.eu, ...): /stats. Numbers may be strings, the window stands in the body. The
 * figure has no time; a chart whose newest point is old tells a pool that stands still. Shape: its lib/api.js.
 */
import { z } from "zod";
import { excerpt, SourceFailure } from "./failure.ts";
import { figureSource } from "./figure-source.ts";
import { heightOf, parseHashrate, parseNumber } from "./parse/hashrate.ts";
import { isObject, own } from "./parse/shape.ts";
import { parseTime } from "./parse/time.ts";

const DEFAULT_WINDOW_SECONDS = 600;
/** Points of the chart are half an hour apart by default, each dated when it was begun: three are missing. */
const CHART_STALE_MS = 5_400_000;

/** Time of the newest point of `charts.hashrate` ([[seconds, H/s, n], ...]), ms. */
function chartTail(body: unknown): number | undefined {
  const series = own(own(body, "charts"), "hashrate");
  const last = Array.isArray(series) ? series.at(-1) : undefined;
  return Array.isArray(last) ? parseTime(last[0]) : undefined;
}

export const cryptonote = figureSource({
  type: "cryptonote",
  describe: {
    summary: "a pool that runs cryptonote-nodejs-pool, like HeroMiners (ten-minute mean)",
    limits: "none published; asked every two minutes at most",
    key: "none",
    undocumented: false,
  },
  defaults: { minIntervalMs: 120_000, staleAfterMs: 600_000, timeoutMs: 15_000 },
  options: z.strictObject({
    solo: z.boolean().describe("whether miners who mine for themselves count too").default(true),
  }),
  maxBytes: 8 * 1024 * 1024,
  path: () => "/stats",
  figure(body, { solo }, { now }) {
    const error = own(body, "error");
    if (error) throw new SourceFailure("semantic", `it answered ${excerpt(error)}`);
    const pool = own(body, "pool");
    if (isObject(body) && pool === undefined && own(body, "config") !== undefined) return "empty";
    const tail = chartTail(body);
    if (tail !== undefined && now - tail > CHART_STALE_MS) {
      throw new SourceFailure("stale", `its chart ends ${Math.round((now - tail) / 60_000)} minutes ago`);
    }
    const shared = own(pool, "hashrate");
    const alone = solo ? parseHashrate(own(pool, "hashrateSolo"), "H/s") : null;
    const total = shared === undefined ? undefined : parseHashrate(shared, "H/s");
    return {
      value: alone === null || total === null || total === undefined ? total : total + alone,
      unit: "H/s",
      chainHeight: heightOf(own(own(body, "network"), "height")),
      window: {
        kind: "sliding",
        seconds: parseNumber(own(own(body, "config"), "hashrateWindow")) ?? DEFAULT_WINDOW_SECONDS,
      },
    };
  },
});
