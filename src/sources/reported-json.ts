/**
 * Any JSON document with one pool's hash rate, read by paths from the configuration; and the ready mappings of pools
 * whose own web pages ask such a document (Foundry, AntPool, ViaBTC, Binance; shapes as their pages and public clients
 * used them in 2025 and 2026, none with published terms or limits).
 */
import { z } from "zod";
import type { SourceConfig } from "../config/resolved.ts";
import { HashfallError } from "../model/errors.ts";
import type { SourceDefaults, SourceType } from "./adapter.ts";
import { excerpt, SourceFailure } from "./failure.ts";
import { parseHashrate } from "./parse/hashrate.ts";
import { parseJson } from "./parse/json.ts";
import { type Path, parsePath, valueAt } from "./parse/path.ts";
import { parseTime } from "./parse/time.ts";
import { type Reader, readSource } from "./read-source.ts";
import { headerTime, onlyPool, rateRow, raw } from "./rows.ts";

const path = z
  .string()
  .refine((text) => parsePath(text) !== null, "a path like data.items[coinType=BTC].poolHashrate")
  .describe("path into the document");

const options = z.strictObject({
  hashrate: path.describe("path of the figure, like data.items[coinType=BTC].poolHashrate"),
  unit: z.string().describe("unit of the figure where the document does not say it, like GH/s").optional(),
  unitPath: path.describe("path of the unit, where the document says it").optional(),
  time: path.describe("path of the upstream's own time").optional(),
  okPath: path.describe("path of a field that tells an error inside an answer with status 200").optional(),
  okValue: z.string().describe("what that field says when all is well").optional(),
  windowSeconds: z.number().positive().describe("averaging window of the figure, where it is known").optional(),
});
type Mapping = z.infer<typeof options>;

const CUSTOM: SourceDefaults = { minIntervalMs: 60_000, staleAfterMs: 1_800_000, timeoutMs: 15_000 };
/** Nobody has promised these endpoints to anyone: one request in five minutes is what a page left open asks. */
const POLITE = { minIntervalMs: 300_000, staleAfterMs: 1_800_000, timeoutMs: 15_000, dailyBudget: 400 };

interface Compiled {
  readonly mapping: Mapping;
  readonly hashrate: Path;
  readonly unitPath: Path | undefined;
  readonly time: Path | undefined;
  readonly okPath: Path | undefined;
}

function compile(config: SourceConfig, mapping: Mapping): Compiled {
  const need = (text: string): Path => {
    const parsed = parsePath(text);
    if (parsed === null) throw new HashfallError("SOURCE_INVALID", `Source ${config.id}: "${text}" is no path.`);
    return parsed;
  };
  const optional = (text: string | undefined): Path | undefined => (text === undefined ? undefined : need(text));
  return {
    mapping,
    hashrate: need(mapping.hashrate),
    unitPath: optional(mapping.unitPath),
    time: optional(mapping.time),
    okPath: optional(mapping.okPath),
  };
}

async function read(
  reader: Reader,
  where: string,
  pool: string,
  config: SourceConfig,
  mapped: Compiled,
  stale: number,
) {
  const document = await reader.ask(where);
  if (document === null) return "not-modified" as const;
  const body = parseJson(document.text);
  // A pool that is warming up answers with null.
  if (body === null) return "empty" as const;
  const { mapping } = mapped;
  if (mapped.okPath !== undefined) {
    const said = valueAt(body, mapped.okPath);
    if (String(said) !== mapping.okValue) {
      throw new SourceFailure("semantic", `${mapping.okPath} is ${excerpt(said)}, expected ${mapping.okValue}`);
    }
  }
  const figure = valueAt(body, mapped.hashrate);
  if (figure === undefined) throw new SourceFailure("format", `nothing at ${mapping.hashrate}`);
  const unit = mapped.unitPath === undefined ? mapping.unit : valueAt(body, mapped.unitPath);
  const observedAt = mapped.time === undefined ? undefined : parseTime(valueAt(body, mapped.time));
  const row = rateRow(config, {
    pool,
    hashrate: parseHashrate(figure, unit),
    window: { kind: "unknown", seconds: mapping.windowSeconds ?? null },
    staleAfterMs: stale,
    raw: raw(figure, typeof unit === "string" ? unit : ""),
    ...(observedAt === undefined ? headerTime(document) : { observedAt, observedAtBasis: "body" }),
  });
  return { rows: [row], bodySha256: document.bodySha256 };
}

export const reportedJson: SourceType = {
  type: "reported-json",
  describe: {
    summary: "any JSON document that holds one pool's hash rate, read by paths",
    limits: "the upstream's own; asked once a minute at most",
    pools: "one",
    rows: ["pool", "region"],
    key: "none",
    undocumented: false,
  },
  defaults: CUSTOM,
  schema: options,
  create(config, deps) {
    const pool = onlyPool(config);
    const mapped = compile(config, options.parse(config.options));
    return readSource(config, deps, {
      defaults: CUSTOM,
      read: (reader) => read(reader, "", pool, config, mapped, CUSTOM.staleAfterMs),
    });
  },
};

interface Preset {
  readonly type: string;
  readonly summary: string;
  readonly url: string;
  readonly path: string;
  readonly mapping: Mapping;
}

function preset({ type, summary, url, path: where, mapping }: Preset): SourceType {
  const defaults = { ...POLITE, url };
  return {
    type,
    describe: {
      summary,
      limits: "none published; asked every five minutes at most",
      pools: "one",
      rows: ["pool"],
      key: "none",
      undocumented: true,
    },
    defaults,
    schema: z.strictObject({}),
    create(config, deps) {
      const pool = onlyPool(config);
      const mapped = compile(config, mapping);
      return readSource(config, deps, {
        defaults,
        read: (reader) => read(reader, where, pool, config, mapped, defaults.staleAfterMs),
      });
    },
  };
}

/** The pool's figure is the mean of an hour, in GH/s. */
export const foundry = preset({
  type: "foundry",
  summary: "Foundry USA's own statistics (one-hour mean)",
  url: "https://api.foundryusapool.com",
  path: "/pool_stats",
  mapping: { hashrate: "hashrate1hrAvg", unit: "GH/s", windowSeconds: 3600 },
});

/** The text says its unit ("190.5 EH/s"); items are told apart by coin, their order changes. */
export const antpool = preset({
  type: "antpool",
  summary: "AntPool's figure on its own front page",
  url: "https://www.antpool.com",
  path: "/auth/v3/index/poolcoins",
  mapping: { hashrate: "data.items[coinType=BTC].poolHashrate" },
});

/** H/s, the newest element of a series; HTTP 200 with another message is an error. */
export const viabtc = preset({
  type: "viabtc",
  summary: "ViaBTC's figure on its own front page",
  url: "https://www.viabtc.com",
  path: "/res/pool/BTC/state/usd/chart",
  mapping: { hashrate: "data.viabtc_hash[-1]", unit: "H/s", okPath: "message", okValue: "OK" },
});

/** A decimal string in H/s. */
export const binance = preset({
  type: "binance",
  summary: "Binance Pool's figure on its own front page",
  url: "https://pool.binance.com",
  path: "/mining-api/v1/public/pool/index",
  mapping: { hashrate: "data.algoList[algoName=sha256].poolHash", unit: "H/s", okPath: "code", okValue: "0" },
});
