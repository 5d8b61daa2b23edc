/**
 * mempool's REST API (mempool.space, litecoinspace.org, your own): every block with the pool that found it. Blocks are
 * counted by the detector itself; the API's own "share x hash rate" would be the same quantity a second time.
 * Shapes: mempool's API documentation and backend.
 */
import { z } from "zod";
import type { SourceConfig } from "../config/resolve/resolved.ts";
import { BITCOIN_ALONE, type SourceDefaults, type SourceType } from "./adapter.ts";
import type { BlockObservation } from "./contract.ts";
import { SourceFailure } from "./failure.ts";
import { isDifficulty, parseHashrate, parseNumber } from "./parse/hashrate.ts";
import { parseJson } from "./parse/json.ts";
import { arrayAt, objectAt, own, textOf } from "./parse/shape.ts";
import { parseTime } from "./parse/time.ts";
import { type PoolNames, poolNames } from "./pool-names.ts";
import { type Reader, readSource } from "./read-source.ts";
import { shareRows } from "./share-rows.ts";

const options = z.strictObject({
  shares: z
    .enum(["24h", "3d", "1w"])
    .describe("also a figure per pool: its share of this span's blocks times the network's hash rate; slow and noisy")
    .optional(),
});

const DEFAULTS: SourceDefaults = {
  url: "https://mempool.space",
  // "Once per block at most" is what the public host asks for; its limits are not disclosed.
  minIntervalMs: 300_000,
  staleAfterMs: 3_600_000,
  timeoutMs: 15_000,
  dailyBudget: 600,
};
/** Pages that are asked for after a pause, 15 blocks each: a day of blocks. */
const MAX_PAGES = 10;

interface Page {
  readonly rows: BlockObservation[];
  readonly skipped: number;
  readonly bodySha256: string;
}

async function readPage(reader: Reader, path: string, names: PoolNames, conditional: boolean): Promise<Page | null> {
  const document = await reader.ask(path, { conditional });
  if (document === null) return null;
  const rows: BlockObservation[] = [];
  let skipped = 0;
  for (const block of arrayAt(parseJson(document.text), "the list of blocks")) {
    const row = usableBlock(block, names);
    if (row === null) skipped++;
    else rows.push(row);
  }
  return { rows, skipped, bodySha256: document.bodySha256 };
}

/** Null for a block that lacks what a block has, or has it in a form that cannot be read: the others still count. */
function usableBlock(block: unknown, names: PoolNames): BlockObservation | null {
  try {
    return blockRow(block, names);
  } catch (error) {
    if (error instanceof SourceFailure) return null;
    throw error;
  }
}

function blockRow(block: unknown, names: PoolNames): BlockObservation | null {
  const height = parseNumber(own(block, "height"));
  const difficulty = parseNumber(own(block, "difficulty"));
  const observedAt = parseTime(own(block, "timestamp"));
  const pool = own(own(block, "extras"), "pool");
  // `id` here is the stable number of the pool list; `poolId` elsewhere is a row of the instance's own database.
  const [slug, name, id] = [textOf(own(pool, "slug")), textOf(own(pool, "name")), textOf(own(pool, "id"))];
  // A server that does not attribute blocks (or not this one): nobody's block is not an unknown pool's.
  if (slug === undefined && name === undefined) return null;
  if (height === null || !Number.isInteger(height) || height < 0) return null;
  if (!isDifficulty(difficulty) || observedAt === undefined) return null;
  return {
    kind: "block",
    // A pool that the configuration does not know still counts: its blocks are exposure.
    pool: names.find(slug, name, id) ?? names.foreign(slug ?? name ?? ""),
    height,
    difficulty,
    observedAt,
    observedAtBasis: "body",
    staleAfterMs: DEFAULTS.staleAfterMs,
    raw: { text: name ?? slug ?? "", unit: "block" },
  };
}

const ESTIMATE = { "24h": "lastEstimatedHashrate", "3d": "lastEstimatedHashrate3d", "1w": "lastEstimatedHashrate1w" };
const SPAN_SECONDS = { "24h": 86_400, "3d": 259_200, "1w": 604_800 };

/** Figures from shares of blocks. An unknown span would silently mean "all time", so only known ones are asked for. */
async function readShares(reader: Reader, span: keyof typeof ESTIMATE, config: SourceConfig, names: PoolNames) {
  const document = await reader.ask(`/api/v1/mining/pools/${span}`);
  if (document === null) return null;
  const body = objectAt(parseJson(document.text), "the list of pools");
  const network = parseHashrate(own(body, ESTIMATE[span]), "H/s");
  // Its node did not answer it: status 200, and a zero that is no hash rate.
  if (!network) throw new SourceFailure("semantic", `${ESTIMATE[span]} is ${network}: its node does not answer`);
  const counted = arrayAt(own(body, "pools"), "pools").map((pool) => {
    const [slug, name, id] = [own(pool, "slug"), own(pool, "name"), own(pool, "poolUniqueId")].map(textOf);
    return { pool: names.find(slug, name, id), name: name ?? slug ?? "", blocks: parseNumber(own(pool, "blockCount")) };
  });
  const rows = shareRows(config, counted, network, DEFAULTS.staleAfterMs, SPAN_SECONDS[span]);
  return { ...rows, bodySha256: document.bodySha256 };
}

export const mempool: SourceType = {
  type: "mempool",
  forCoin: BITCOIN_ALONE,
  describe: {
    summary: "every block and the pool that found it, from mempool.space or your own mempool",
    limits: "the public host discloses none and bans repeat offenders; asked every five minutes at most",
    pools: "many",
    rows: ["blocks"],
    key: "none",
    undocumented: false,
  },
  defaults: DEFAULTS,
  schema: options,
  create(config, deps) {
    const names = poolNames(config);
    const { shares } = options.parse(config.options);
    let newest: number | null = null;
    return readSource(config, deps, {
      defaults: DEFAULTS,
      async read(reader) {
        // First, so that a failure of it leaves the blocks to the next poll.
        const derived = shares === undefined ? null : await readShares(reader, shares, config, names);
        const first = await readPage(reader, "/api/v1/blocks", names, true);
        if (first === null) return derived ?? "not-modified";
        if (first.rows.length === 0) throw new SourceFailure("semantic", "a list without any usable block");
        const rows = [...first.rows];
        let { skipped } = first;
        const known = newest;
        for (let page = 1; known !== null && page < MAX_PAGES; page++) {
          const lowest = Math.min(...rows.map((row) => row.height));
          if (lowest <= known + 1) break;
          const next = await readPage(reader, `/api/v1/blocks/${lowest - 1}`, names, false);
          if (next === null || next.rows.length === 0) break;
          rows.push(...next.rows);
          skipped += next.skipped;
        }
        newest = Math.max(newest ?? 0, ...rows.map((row) => row.height));
        return {
          rows: [...rows.sort((a, b) => a.height - b.height), ...(derived?.rows ?? [])],
          bodySha256: first.bodySha256,
          notes: names.changes(),
          skipped: { ...derived?.skipped, ...(skipped > 0 ? { "unusable block": skipped } : {}) },
        };
      },
    });
  },
};
