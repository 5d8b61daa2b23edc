/** The witnesses of a network: ids, defaults of their types, and the countries that they are asked about. */
import { parentRegion } from "../../model/region.ts";
import type { WitnessType } from "../../sources/witness/contract.ts";
import { WITNESS_TYPES } from "../../sources/witness/registry.ts";
import type { KeyPath } from "../reading/document.ts";
import type { NetworkFile } from "../schema/config-file.ts";
import { milliseconds, parseDuration } from "../schema/durations.ts";
import { isCountryCode } from "../schema/iso3166.ts";
import type { SourceConfig } from "./resolved.ts";
import { headersOf } from "./sources.ts";

type WitnessFile = Readonly<Record<string, unknown>> & { readonly type: string; readonly timeout: string };

/** Keys of a witness that are hashfall's; every other key is an option of its type. */
const COMMON_KEYS: readonly string[] = [
  "type",
  "url",
  "interval",
  "timeout",
  "allowPrivate",
  "headers",
  "secretHeaders",
];

/** As many as are asked about in one request. */
const MOST_COUNTRIES = 50;

const FIVE_MINUTES_MS = 300_000;

/** Countries among a network's regions; what the configuration calls a region by a name of its own is none. */
export function countriesOf(regions: Iterable<string>, declared: readonly string[]): string[] {
  const countries = [...regions]
    .filter((region) => !declared.includes(region))
    .map((each) => parentRegion(each) ?? each);
  return [...new Set(countries)]
    .filter((country) => /^[A-Z]{2}$/.test(country) && isCountryCode(country))
    .sort()
    .slice(0, MOST_COUNTRIES);
}

/**
 * @param regions what the network's weights, sources and senders name: asked about where a witness names no countries of its own
 * @param taken ids of the network's sources, which share the metrics' labels
 */
export function resolveWitnesses(
  network: string,
  file: NetworkFile,
  options: {
    readonly regions: Iterable<string>;
    readonly taken: readonly string[];
    readonly webPageSources: boolean;
  },
  report: (path: KeyPath, text: string) => void,
): readonly SourceConfig[] {
  const countries = countriesOf(options.regions, Object.keys(file.regions ?? {}));
  return Object.entries(file.witnesses ?? {}).flatMap(([name, each]) => {
    const witness = each as WitnessFile;
    const type = WITNESS_TYPES[witness.type];
    const path: KeyPath = ["networks", network, "witnesses", name];
    const config = witnessConfig(witness, type, name, countries);
    if (config.webPage === true && !options.webPageSources) return [];
    if (options.taken.includes(config.id))
      report(path, `a source is called "${config.id}" too; allowed: a name of its own`);
    if (config.url === undefined && type?.defaults.url === undefined) {
      report(path, `missing \`url\`; needed: where this ${witness.type} is, like https://pool.example.org/api`);
    }
    if (asksCountries(type) && config.options.countries === undefined) {
      report(path, "missing `countries`: no region of this network is a country; needed: a list like [KZ, US]");
    }
    return config;
  });
}

function asksCountries(type: WitnessType | undefined): boolean {
  return type !== undefined && "countries" in type.schema.shape;
}

function witnessConfig(
  witness: WitnessFile,
  type: WitnessType | undefined,
  name: string,
  countries: readonly string[],
): SourceConfig {
  const own = Object.fromEntries(Object.entries(witness).filter(([key]) => !COMMON_KEYS.includes(key)));
  const derived = asksCountries(type) && countries.length > 0 ? { countries } : {};
  const standard = type?.defaults.minIntervalMs ?? FIVE_MINUTES_MS;
  return {
    id: name === witness.type ? name : `${witness.type}:${name}`,
    type: witness.type,
    ...(typeof witness.url === "string" ? { url: witness.url } : {}),
    pools: {},
    region: null,
    intervalMs: typeof witness.interval === "string" ? (parseDuration(witness.interval) ?? standard) : standard,
    timeoutMs: milliseconds(witness.timeout),
    allowPrivate: witness.allowPrivate === true,
    ...headersOf(witness),
    webPage: type?.undocumented === true,
    options: { ...derived, ...own },
  };
}
