/** Finds the entries of a document with hash rates by region: their names, figures, units and times. */
import { z } from "zod";
import { isRegionCode } from "../model/region.ts";
import { SourceFailure } from "./failure.ts";
import { hashrateUnit, parseHashrate } from "./parse/hashrate.ts";
import { type Path, parsePath, valueAt } from "./parse/path.ts";
import { arrayAt, objectAt, textOf } from "./parse/shape.ts";
import { parseTime } from "./parse/time.ts";

const path = z.string().refine((text) => parsePath(text) !== null, "a path like data.items[coin=BTC].rate");

export const regionsMapOptions = z.strictObject({
  shape: z
    .enum(["map", "rows", "series"])
    .describe("`map` name -> figure; `rows` one object each; `series` a list in each"),
  at: path.describe("path of the map or the list, like result.regions; the document itself if absent").default(""),
  name: path.describe("path of the region's name in a row").default("region"),
  value: path.describe("path of the figure in a row, or in a map's member; the member itself if absent").optional(),
  unit: hashrateUnit.describe("unit of the figures where they do not say it, like TH/s; H/s if absent").optional(),
  unitPath: path.describe("path of the unit in a row").optional(),
  rowTime: path.describe("path of a row's own time; of several rows of one name the newest counts").optional(),
  series: path.describe("path of the series in a row").default("hashrate_graph"),
  dropLast: z.boolean().describe("whether the newest point of a series is unfinished").default(true),
  points: z.number().int().min(1).max(1000).describe("so many points of a series are averaged").default(1),
  time: path.describe("path of the document's own time").optional(),
  errorPath: path.describe("path that holds something only when the upstream failed, with status 200").optional(),
  windowSeconds: z.number().positive().describe("averaging window of the figures").optional(),
  staleAfterSeconds: z.number().positive().describe("older than this a figure is none").default(900),
  regions: z
    .record(z.string().min(1), z.string().refine(isRegionCode, "a region code like KZ or US-TX"))
    .describe("upstream's name of a region or server -> region; others are counted and left out"),
});
export type RegionsMapOptions = z.infer<typeof regionsMapOptions>;

export interface RegionEntry {
  readonly name: string;
  readonly value: unknown;
  readonly unit: unknown;
  readonly observedAt: number | undefined;
}

/** Entries in the document's order. Throws `SourceFailure` when the document does not have the configured shape. */
export function regionEntries(body: unknown, options: RegionsMapOptions): RegionEntry[] {
  const place = valueAt(body, need(options.at));
  const what = options.at || "the document";
  if (options.shape === "map") return mapEntries(objectAt(place, what), options);
  const rows = arrayAt(place, what).map((row, index) => rowEntry(row, index, options));
  return newestOfEach(rows);
}

function mapEntries(map: Readonly<Record<string, unknown>>, options: RegionsMapOptions): RegionEntry[] {
  return Object.entries(map).map(([name, member]) => ({
    name,
    value: options.value === undefined ? member : missingAsFailure(member, options.value),
    unit: unitOf(member, options),
    observedAt: options.rowTime === undefined ? undefined : parseTime(valueAt(member, need(options.rowTime))),
  }));
}

function rowEntry(row: unknown, index: number, options: RegionsMapOptions): RegionEntry {
  const name = textOf(valueAt(row, need(options.name)));
  if (name === undefined) throw new SourceFailure("format", `row ${index} has no ${options.name}`);
  const observedAt = options.rowTime === undefined ? undefined : parseTime(valueAt(row, need(options.rowTime)));
  if (options.shape === "series") return { name, value: seriesMean(row, options), unit: "H/s", observedAt };
  return { name, value: missingAsFailure(row, options.value ?? "hashrate"), unit: unitOf(row, options), observedAt };
}

function unitOf(row: unknown, options: RegionsMapOptions): unknown {
  return options.unitPath === undefined ? undefined : valueAt(row, need(options.unitPath));
}

/** Mean of the newest finished points, H/s; null when one of them is unknown: half a mean is another quantity. */
function seriesMean(row: unknown, options: RegionsMapOptions): number | null {
  const series = arrayAt(valueAt(row, need(options.series)), options.series);
  const finished = options.dropLast ? series.slice(0, -1) : series;
  const unit = textOf(unitOf(row, options)) ?? options.unit;
  const points = finished.slice(-options.points).map((point) => {
    const value = options.value === undefined ? point : valueAt(point, need(options.value));
    return parseHashrate(value, unit);
  });
  if (points.length === 0 || points.some((point) => point === null)) return null;
  return points.reduce<number>((sum, point) => sum + (point ?? 0), 0) / points.length;
}

function missingAsFailure(member: unknown, where: string): unknown {
  const value = valueAt(member, need(where));
  if (value === undefined) throw new SourceFailure("format", `an entry has nothing at ${where}`);
  return value;
}

/** Long rows repeat a server for every moment: only its newest row is its figure. Rows without times all count. */
function newestOfEach(rows: readonly RegionEntry[]): RegionEntry[] {
  const newest = new Map<string, RegionEntry>();
  for (const row of rows) {
    const before = newest.get(row.name);
    if (before === undefined || (row.observedAt ?? 0) >= (before.observedAt ?? 0)) newest.set(row.name, row);
  }
  return [...newest.values()];
}

function need(text: string): Path {
  const parsed = parsePath(text);
  if (parsed === null) throw new SourceFailure("format", `"${text}" is no path`);
  return parsed;
}
