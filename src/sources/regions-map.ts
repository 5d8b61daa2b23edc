/**
 * Any JSON with hash rates by region, from configuration alone: a map (`{"us": 1e15, "eu": 2e15}`), long rows
 * (`[{"server": "eu1", "hashrate": 1}]`, the newest of each server when rows have times), or a list of regions with a
 * series each. Rows are true for a region as far as servers stand where miners are.
 */
import { HashfallError } from "../model/errors.ts";
import type { SourceDefaults, SourceType } from "./adapter.ts";
import type { RateObservation } from "./contract.ts";
import { excerpt, SourceFailure } from "./failure.ts";
import { parseHashrate, parseHashrateBeside } from "./parse/hashrate.ts";
import { parseJson } from "./parse/json.ts";
import { parsePath, valueAt } from "./parse/path.ts";
import { textOf } from "./parse/shape.ts";
import { parseTime } from "./parse/time.ts";
import { readSource } from "./read-source.ts";
import { type RegionEntry, regionEntries, regionsMapOptions } from "./regions-map-entries.ts";
import { cacheTime, onlyPool, rateRow, raw } from "./rows.ts";
import { UnknownNames } from "./unknown-names.ts";

const DEFAULTS: SourceDefaults = { minIntervalMs: 60_000, staleAfterMs: 900_000, timeoutMs: 15_000 };

/** Several servers of one region are one row; one of them unknown makes the region unknown, never smaller. */
function sumByRegion(entries: readonly { region: string; entry: RegionEntry; hashrate: number | null }[]) {
  const byRegion = new Map<string, { hashrate: number | null; entries: RegionEntry[] }>();
  for (const { region, entry, hashrate } of entries) {
    const sum = byRegion.get(region) ?? { hashrate: 0, entries: [] };
    sum.hashrate = sum.hashrate === null || hashrate === null ? null : sum.hashrate + hashrate;
    sum.entries.push(entry);
    byRegion.set(region, sum);
  }
  return byRegion;
}

function hashrateOf({ value, unit }: RegionEntry, configured: string | undefined): number | null {
  const beside = textOf(unit);
  return beside === undefined ? parseHashrate(value, configured) : parseHashrateBeside(value, beside);
}

export const regionsMap: SourceType = {
  type: "regions-map",
  describe: {
    summary: "any JSON with a pool's hash rate by region, read by paths from the configuration",
    limits: "the upstream's own; asked once a minute at most",
    pools: "one",
    rows: ["region"],
    key: "optional",
    undocumented: false,
  },
  defaults: DEFAULTS,
  schema: regionsMapOptions,
  regions: (options) => Object.values(regionsMapOptions.parse(options).regions),
  create(config, deps) {
    const pool = onlyPool(config);
    const options = regionsMapOptions.parse(config.options);
    const time = options.time === undefined ? undefined : parsePath(options.time);
    if (time === null) throw new HashfallError("SOURCE_INVALID", `Source ${config.id}: \`time\` is no path.`);
    const staleAfterMs = options.staleAfterSeconds * 1000;
    return readSource(config, deps, {
      defaults: DEFAULTS,
      async read(reader) {
        const document = await reader.ask("");
        if (document === null) return "not-modified";
        const body = parseJson(document.text);
        if (body === null) return "empty";
        if (options.errorPath !== undefined) {
          const path = parsePath(options.errorPath);
          const error = path === null ? undefined : valueAt(body, path);
          if (error) throw new SourceFailure("semantic", `${options.errorPath} is ${excerpt(error)}`);
        }
        const common = time === undefined ? undefined : parseTime(valueAt(body, time));
        const unknown = new UnknownNames();
        const known = [];
        for (const entry of regionEntries(body, options)) {
          const region = options.regions[entry.name] ?? options.regions[entry.name.toLowerCase()];
          if (region === undefined) unknown.add(entry.name);
          else known.push({ region, entry, hashrate: hashrateOf(entry, options.unit) });
        }
        if (known.length === 0 && unknown.count > 0) {
          const names = unknown.names.join(", ");
          throw new SourceFailure("semantic", `none of its ${unknown.count} regions is named in \`regions\`: ${names}`);
        }
        const rows: RateObservation[] = [];
        for (const [region, { hashrate, entries }] of sumByRegion(known)) {
          const times = entries.map((entry) => entry.observedAt).filter((at) => at !== undefined);
          const observedAt = times.length > 0 ? Math.min(...times) : common;
          rows.push(
            rateRow(config, {
              pool,
              region,
              hashrate,
              window: { kind: "unknown", seconds: options.windowSeconds ?? null },
              staleAfterMs,
              raw: raw(
                entries.map((entry) => entry.value),
                options.unit ?? "",
              ),
              basis: "server-location",
              ...(observedAt === undefined
                ? cacheTime(document, reader.now)
                : { observedAt, observedAtBasis: "body" as const }),
            }),
          );
        }
        const skipped = unknown.count > 0 ? { skipped: { "unknown region": unknown.count } } : {};
        return { rows, bodySha256: document.bodySha256, ...skipped, unknown: unknown.names };
      },
    });
  },
};
