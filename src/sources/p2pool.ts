/**
 * p2pool, Monero's (`/pool/stats`, as p2pool.io and p2pool.observer serve it) and Bitcoin's (`/global_stats`, `null`
 * while it warms up). Shapes: p2pool.cpp of SChernykh's p2pool, web.py of Bitcoin's.
 */
import { z } from "zod";
import { SourceFailure } from "./failure.ts";
import { figureSource } from "./figure-source.ts";
import { parseNumber } from "./parse/hashrate.ts";
import { own } from "./parse/shape.ts";

/** Monero's side chain has a block every ten seconds and began in 2021: below this height it is still syncing. */
const LEAST_SIDECHAIN_HEIGHT = 100_000;

const options = z.strictObject({
  chain: z.enum(["monero", "bitcoin"]).describe("whose p2pool it is").default("monero"),
});

export const p2pool = figureSource<z.infer<typeof options>>({
  type: "p2pool",
  describe: {
    summary: "p2pool's own figure, from anybody's node of it",
    limits: "none published; asked every two minutes at most",
    key: "none",
    undocumented: false,
  },
  // The file is rewritten when something changed, about every ten seconds: older than this it hangs or syncs.
  defaults: { minIntervalMs: 120_000, staleAfterMs: 300_000, timeoutMs: 15_000 },
  options,
  isFile: true,
  path: ({ chain }) => (chain === "monero" ? "/pool/stats" : "/global_stats"),
  figure(body, { chain }) {
    if (body === null) return "empty";
    if (chain === "bitcoin") {
      return { value: own(body, "pool_hash_rate"), unit: "H/s", window: { kind: "sliding", seconds: 3600 } };
    }
    const statistics = own(body, "pool_statistics");
    const height = parseNumber(own(statistics, "sidechainHeight"));
    if (height !== null && height < LEAST_SIDECHAIN_HEIGHT) {
      throw new SourceFailure("semantic", `side chain at height ${height}: still syncing`);
    }
    // From the difficulty of the window's shares: 2160 of ten seconds.
    return { value: own(statistics, "hashRate"), unit: "H/s", window: { kind: "sliding", seconds: 600 } };
  },
});
