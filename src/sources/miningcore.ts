/** miningcore's /api/pools: all pools of an installation in one body, without any time. Shape: its source, and captures of old versions. */
import { z } from "zod";
import type { SourceDefaults, SourceType } from "./adapter.ts";
import { SourceFailure } from "./failure.ts";
import { noSuchPool } from "./no-such-pool.ts";
import { heightOf, parseHashrate } from "./parse/hashrate.ts";
import { parseJson } from "./parse/json.ts";
import { arrayAt, own, ownAnyCase, textOf } from "./parse/shape.ts";
import { readSource } from "./read-source.ts";
import { cacheTime, onlyPool, rateRow, raw } from "./rows.ts";

const options = z.strictObject({
  poolId: z.string().min(1).describe("`id` of the pool in /api/pools"),
});

const DEFAULTS: SourceDefaults = {
  // Recomputed every two minutes.
  minIntervalMs: 120_000,
  staleAfterMs: 600_000,
  timeoutMs: 15_000,
};
/** The mean of ten minutes, by its default. */
const WINDOW_SECONDS = 600;

export const miningcore: SourceType = {
  type: "miningcore",
  describe: {
    summary: "one pool of a miningcore installation (ten-minute mean)",
    limits: "5 requests a second and address by default; asked every two minutes",
    pools: "one",
    rows: ["pool", "region"],
    key: "none",
    undocumented: false,
  },
  defaults: DEFAULTS,
  schema: options,
  create(config, deps) {
    const pool = onlyPool(config);
    const { poolId } = options.parse(config.options);
    return readSource(config, deps, {
      defaults: DEFAULTS,
      async read(reader) {
        const document = await reader.ask("/api/pools");
        if (document === null) return "not-modified";
        const pools = arrayAt(own(parseJson(document.text), "pools"), "pools");
        const found = pools.find((each) => textOf(own(each, "id")) === poolId);
        if (found === undefined)
          throw noSuchPool(
            poolId,
            pools.flatMap((each) => textOf(own(each, "id")) ?? []),
          );
        const stats = own(found, "poolStats");
        // Null before the first computation.
        if (stats === null || stats === undefined) return "empty";
        const figure = ownAnyCase(stats, "poolHashrate");
        if (figure === undefined) throw new SourceFailure("format", "poolStats has no poolHashrate");
        const row = rateRow(config, {
          pool,
          hashrate: parseHashrate(figure, "H/s"),
          window: { kind: "sliding", seconds: WINDOW_SECONDS },
          staleAfterMs: DEFAULTS.staleAfterMs,
          raw: raw(figure, "H/s"),
          ...cacheTime(document, reader.now),
        });
        return {
          rows: [row],
          bodySha256: document.bodySha256,
          chainHeight: heightOf(own(own(found, "networkStats"), "blockHeight")),
        };
      },
    });
  },
};
