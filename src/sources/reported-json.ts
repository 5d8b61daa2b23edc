/** Any JSON document with one pool's hash rate, read by paths from the configuration. */
import { z } from "zod";
import type { SourceConfig } from "../config/resolve/resolved.ts";
import { HashfallError } from "../model/errors.ts";
import type { SourceDefaults, SourceType } from "./adapter.ts";
import { excerpt, SourceFailure } from "./failure.ts";
import { hashrateUnit, parseHashrate, parseHashrateBeside } from "./parse/hashrate.ts";
import { parseJson } from "./parse/json.ts";
import { howFar, type Path, parsePath, valueAt } from "./parse/path.ts";
import { parseTime } from "./parse/time.ts";
import { type Reader, readSource } from "./read-source.ts";
import { cacheTime, onlyPool, rateRow, raw } from "./rows.ts";

const path = z
  .string()
  .refine((text) => parsePath(text) !== null, "a path like data.items[coinType=BTC].poolHashrate")
  .describe("path into the document");

const options = z.strictObject({
  hashrate: path.describe("path of the figure, like data.items[coinType=BTC].poolHashrate"),
  unit: hashrateUnit.describe("unit of the figure where the document does not say it, like GH/s").optional(),
  unitPath: path.describe("path of the unit, where the document says it").optional(),
  time: path.describe("path of the upstream's own time").optional(),
  okPath: path.describe("path of a field that tells an error inside an answer with status 200").optional(),
  okValue: z.string().describe("what that field says when all is well").optional(),
  windowSeconds: z.number().positive().describe("averaging window of the figure, where it is known").optional(),
});
export type Mapping = z.infer<typeof options>;

const CUSTOM: SourceDefaults = { minIntervalMs: 60_000, staleAfterMs: 1_800_000, timeoutMs: 15_000 };

export interface CompiledMapping {
  readonly mapping: Mapping;
  readonly hashrate: Path;
  readonly unitPath: Path | undefined;
  readonly time: Path | undefined;
  readonly okPath: Path | undefined;
}

/** A mapping with its paths parsed. Throws `HashfallError` `SOURCE_INVALID` for text that is no path. */
export function compileMapping(config: SourceConfig, mapping: Mapping): CompiledMapping {
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

/** One figure by a mapping. Throws `SourceFailure`. */
export async function readMapped(
  reader: Reader,
  where: string,
  pool: string,
  config: SourceConfig,
  mapped: CompiledMapping,
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
  if (figure === undefined) {
    throw new SourceFailure("format", `nothing at ${mapping.hashrate}: ${howFar(body, mapped.hashrate)}`);
  }
  const unit = mapped.unitPath === undefined ? mapping.unit : valueAt(body, mapped.unitPath);
  const observedAt = mapped.time === undefined ? undefined : parseTime(valueAt(body, mapped.time));
  const row = rateRow(config, {
    pool,
    hashrate: mapped.unitPath === undefined ? parseHashrate(figure, mapping.unit) : parseHashrateBeside(figure, unit),
    window: { kind: "unknown", seconds: mapping.windowSeconds ?? null },
    staleAfterMs: stale,
    raw: raw(figure, typeof unit === "string" ? unit : ""),
    ...(observedAt === undefined ? cacheTime(document, reader.now) : { observedAt, observedAtBasis: "body" }),
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
    const mapped = compileMapping(config, options.parse(config.options));
    return readSource(config, deps, {
      defaults: CUSTOM,
      read: (reader) => readMapped(reader, "", pool, config, mapped, CUSTOM.staleAfterMs),
    });
  },
};
