/**
 * Braiins Insights: blocks per pool (listed under the pool's home country, which says nothing of where its miners are)
 * times the network's hash rate in EH/s. A slow cross-check. Shapes: public clients of 2025; no limits published, one
 * request in ten seconds is what its clients hold themselves to.
 */
import { z } from "zod";
import { BITCOIN_ALONE, type SourceDefaults, type SourceType } from "./adapter.ts";
import { parseHashrate, parseNumber } from "./parse/hashrate.ts";
import { parseJson } from "./parse/json.ts";
import { arrayAt, own, textOf } from "./parse/shape.ts";
import { poolNames } from "./pool-names.ts";
import { readSource } from "./read-source.ts";
import { type BlockShare, knownNetwork, shareRows } from "./share-rows.ts";

const DEFAULTS: SourceDefaults = {
  url: "https://insights.braiins.com",
  minIntervalMs: 3_600_000,
  staleAfterMs: 7_200_000,
  timeoutMs: 15_000,
  dailyBudget: 100,
};
const options = z.strictObject({});

export const braiinsInsights: SourceType = {
  type: "braiins-insights",
  forCoin: BITCOIN_ALONE,
  describe: {
    summary: "blocks per pool at Braiins Insights, as a slow cross-check",
    limits: "none published; asked once an hour",
    pools: "many",
    rows: ["pool"],
    key: "none",
    undocumented: false,
  },
  defaults: DEFAULTS,
  schema: options,
  create(config, deps) {
    const names = poolNames(config);
    return readSource(config, deps, {
      defaults: DEFAULTS,
      spacingMs: 10_000,
      async read(reader) {
        const countries = await reader.ask("/api/v1.0/blocks-by-country", { conditional: false });
        const stats = await reader.ask("/api/v1.0/hashrate-stats", { conditional: false });
        if (countries === null || stats === null) return "not-modified";
        const network = knownNetwork(parseHashrate(own(parseJson(stats.text), "current_hashrate"), "EH/s"));
        const shares: BlockShare[] = [];
        for (const country of arrayAt(parseJson(countries.text), "the list of countries")) {
          for (const pool of arrayAt(own(country, "pools"), "pools of a country")) {
            const name = textOf(own(pool, "name")) ?? "unknown";
            shares.push({ pool: names.find(name), name, blocks: parseNumber(own(pool, "blocks_mined")) });
          }
        }
        return { ...shareRows(config, shares, network, DEFAULTS.staleAfterMs), bodySha256: countries.bodySha256 };
      },
    });
  },
};
