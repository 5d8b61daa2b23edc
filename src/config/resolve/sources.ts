/** The sources of a network: ids, defaults of their types, and which pool each speaks for. */

import { nearest } from "../../model/nearest-name.ts";
import type { SourceType } from "../../sources/adapter.ts";
import { SOURCE_TYPES } from "../../sources/registry.ts";
import { formatPath, type KeyPath } from "../reading/document.ts";
import type { NetworkFile } from "../schema/config-file.ts";
import { KNOWN_COINS } from "../schema/defaults.ts";
import { milliseconds, parseDuration } from "../schema/durations.ts";
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
  const addresses = new Map<string, KeyPath>();
  const coin = Object.hasOwn(KNOWN_COINS, network) ? KNOWN_COINS[network] : undefined;
  const sources: SourceConfig[] = [];
  const add = (source: SourceConfig, path: KeyPath) => {
    if (source.webPage === true && !settings.webPageSources) return;
    const taken = places.get(source.id);
    if (taken !== undefined) report(path, `a second source "${source.id}"; allowed: one of that name (set \`name\`)`);
    if (source.url === undefined && lacksUrl(SOURCE_TYPES[source.type])) {
      report(path, `missing \`url\`; needed: where this ${source.type} is, like https://pool.example.org`);
    }
    places.set(source.id, path);
    const address = addressOf(source);
    const twin = addresses.get(address);
    if (twin !== undefined) {
      report(path, `asks the same address for the same as ${formatPath(twin)}; allowed: one source for one document`);
    }
    addresses.set(address, path);
    sources.push(coin === undefined ? source : ofCoin(source, coin, path));
  };
  const ofCoin = (source: SourceConfig, known: string, path: KeyPath): SourceConfig => {
    const type = SOURCE_TYPES[source.type];
    const options = type?.forCoin === undefined ? source.options : type.forCoin(known, source.options);
    if (options !== null) return { ...source, coin: known, options };
    const said = ["coin", "algorithm"].find((key) => source.options[key] !== undefined && type?.schema.shape[key]);
    if (source.url === undefined || said !== undefined) {
      report(
        path,
        `this ${source.type} speaks of another coin than ${network}'s ${known}; ` +
          (said === undefined
            ? `needed: the \`url\` of a ${source.type} of ${known}`
            : `allowed: \`${said}\` of ${known}, or none`),
      );
    }
    return { ...source, coin: known };
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

/** Two sources with the same would read one document twice: as the figure of two regions, of two pools, or for nothing. */
function addressOf({ type, url, options, headers = {} }: SourceConfig): string {
  const where = url ?? SOURCE_TYPES[type]?.defaults.url ?? "";
  return JSON.stringify([type, URL.canParse(where) ? new URL(where).href.replace(/\/$/, "") : where, options, headers]);
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
    timeoutMs: milliseconds(source.timeout),
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
