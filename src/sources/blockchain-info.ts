/**
 * Blockchain.com as an independent cross-check: blocks per pool of the last 24 hours (counts by display name) times the
 * network's hash rate (text, GH/s). Block-derived, so slow and noisy: at 30 % of blocks a day's figure is good to 15 %.
 * Shapes: blockchain.com's charts and query API.
 */
import { z } from "zod";
import { BITCOIN_ALONE, type SourceDefaults, type SourceType } from "./adapter.ts";
import { parseHashrate, parseNumber } from "./parse/hashrate.ts";
import { parseJson } from "./parse/json.ts";
import { objectAt } from "./parse/shape.ts";
import { poolNames } from "./pool-names.ts";
import { readSource } from "./read-source.ts";
import { knownNetwork, shareRows } from "./share-rows.ts";

const DEFAULTS: SourceDefaults = {
  url: "https://blockchain.info",
  minIntervalMs: 900_000,
  staleAfterMs: 3_600_000,
  timeoutMs: 15_000,
  dailyBudget: 400,
};
const options = z.strictObject({});

export const blockchainInfo: SourceType = {
  type: "blockchain-info",
  forCoin: BITCOIN_ALONE,
  describe: {
    summary: "blocks per pool of the last day at blockchain.com, as a slow cross-check",
    limits: "one request in ten seconds, by its older documentation; asked every quarter of an hour",
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
        // Both belong together, so neither may be "not modified".
        const counts = await reader.ask("/pools?timespan=24hours", { conditional: false });
        const rate = await reader.ask("/q/hashrate", { conditional: false });
        if (counts === null || rate === null) return "not-modified";
        const byName = objectAt(parseJson(counts.text), "the list of pools");
        const network = knownNetwork(rate.text.trim() === "" ? null : parseHashrate(rate.text, "GH/s"));
        const blocks = Object.entries(byName).map(([name, count]) => ({
          pool: names.find(name),
          blocks: parseNumber(count),
          name,
        }));
        return { ...shareRows(config, blocks, network, DEFAULTS.staleAfterMs), bodySha256: counts.bodySha256 };
      },
    });
  },
};
