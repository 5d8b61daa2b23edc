/** The sources of a network: ids, defaults of their types, and which pool each speaks for. */

import { nearest } from "../../model/nearest-name.ts";
import type { SourceType } from "../../sources/adapter.ts";
import { SOURCE_TYPES } from "../../sources/registry.ts";
import type { KeyPath } from "../reading/document.ts";
import type { NetworkFile } from "../schema/config-file.ts";
import { parseDuration } from "../schema/durations.ts";
import { COMMON_SOURCE_KEYS } from "../schema/source.ts";
import type { SourceConfig } from "./resolved.ts";

/** A source as the file says it, of whatever type. */
type SourceFile = Readonly<Record<string, unknown>> & { readonly type: string; readonly timeout: string };

type Report = (path: KeyPath, text: string) => void;

/** In the order of the file: of the pools first, then those of the network. */
export function resolveSources(
  network: string,
  file: NetworkFile,
  intervalMs: number,
  settings: { readonly webPageSources: boolean },
  report: Report,
): readonly SourceConfig[] {
  const at: KeyPath = ["networks", network];
  const places = new Map<string, KeyPath>();
  const sources: SourceConfig[] = [];
  const add = (source: SourceConfig, path: KeyPath) => {
    if (source.webPage === true && !settings.webPageSources) return;
    const taken = places.get(source.id);
    if (taken !== undefined) report(path, `a second source "${source.id}"; allowed: one of that name (set \`name\`)`);
    if (source.url === undefined && lacksUrl(SOURCE_TYPES[source.type])) {
      report(path, `missing \`url\`; needed: where this ${source.type} is, like https://pool.example.org`);
    }
    places.set(source.id, path);
    sources.push(source);
  };
  for (const [pool, { source }] of Object.entries(file.pools)) {
    if (source === undefined) continue;
    const own = source as SourceFile;
    add(sourceConfig(own, SOURCE_TYPES[own.type], pool, { [pool]: pool }, intervalMs), [
      ...at,
      "pools",
      pool,
      "source",
    ]);
  }
  for (const [name, source] of Object.entries(file.sources ?? {})) {
    const own = source as SourceFile;
    const path: KeyPath = [...at, "sources", name];
    const pools = poolsOf(own, path, Object.keys(file.pools), report);
    add(sourceConfig(own, SOURCE_TYPES[own.type], name, pools, intervalMs), path);
  }
  return sources;
}

/** Software that anybody may run has no address of its own. */
function lacksUrl(known: SourceType | undefined): boolean {
  return known !== undefined && known.defaults.url === undefined;
}

function sourceConfig(
  source: SourceFile,
  type: SourceType | undefined,
  name: string,
  pools: Readonly<Record<string, string>>,
  networkIntervalMs: number,
): SourceConfig {
  const url = text(source, "url");
  const interval = text(source, "interval");
  const common: readonly string[] = COMMON_SOURCE_KEYS;
  return {
    id: name === source.type ? name : `${source.type}:${name}`,
    type: source.type,
    ...(url === undefined ? {} : { url }),
    pools,
    region: text(source, "region") ?? null,
    intervalMs:
      interval === undefined
        ? (type?.defaults.minIntervalMs ?? networkIntervalMs)
        : (parseDuration(interval) ?? networkIntervalMs),
    timeoutMs: parseDuration(source.timeout) ?? Number.NaN,
    allowPrivate: source.allowPrivate === true,
    ...headersOf(source),
    webPage: source.webPage === true || (source.webPage === undefined && type?.describe.undocumented === true),
    options: Object.fromEntries(Object.entries(source).filter(([key]) => !common.includes(key))),
  };
}

/** Headers of a source or a witness, already validated by the schema. */
export function headersOf(source: Readonly<Record<string, unknown>>): Pick<SourceConfig, "headers" | "secretHeaders"> {
  const { headers, secretHeaders } = source as Pick<SourceConfig, "headers" | "secretHeaders">;
  return { ...(headers === undefined ? {} : { headers }), ...(secretHeaders === undefined ? {} : { secretHeaders }) };
}

/** Which upstream name means which of our pools; every pool must be one of the network's. */
function poolsOf(
  source: SourceFile,
  path: KeyPath,
  known: readonly string[],
  report: Report,
): Readonly<Record<string, string>> {
  const pool = text(source, "pool");
  const many = (source.pools ?? {}) as Readonly<Record<string, string>>;
  const check = (id: string, key: KeyPath) => {
    if (known.includes(id)) return;
    const hint = nearest(id, known);
    report(
      [...path, ...key],
      `"${id}" is not a pool of this network; allowed: ${known.join(", ")}${hint === undefined ? "" : `. Did you mean ${hint}?`}`,
    );
  };
  if (pool !== undefined) check(pool, ["pool"]);
  for (const [upstream, id] of Object.entries(many)) check(id, ["pools", upstream]);
  if (pool === undefined && Object.keys(many).length === 0) {
    report(
      path,
      "missing which pools it speaks for; needed: `pool: <id>`, or `pools` with the upstream's name of each",
    );
  }
  return pool === undefined ? many : { ...many, [pool]: pool };
}

function text(source: SourceFile, key: string): string | undefined {
  const value = source[key];
  return typeof value === "string" ? value : undefined;
}
