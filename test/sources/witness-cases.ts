/** Every witness with an upstream that is well: how it is configured, what it is asked, and a figure that can be spoilt. */
import { fixture, type Handler } from "./upstream.ts";

/** Fixtures by path, without the query. */
const FILES: Readonly<Record<string, string>> = {
  "/v2/signals/raw/country/KZ,US,XX": "ioda.json",
  "/client/v4/radar/annotations/outages": "radar.json",
  "/api/1/services/read/dashboards/daily-prc.json": "ercot-prc.json",
  "/api/1/services/read/dashboards/system-wide-prices.json": "ercot-prices.json",
  "/kraken": "kraken.json",
  "/coinbase": "coinbase.json",
  "/binance": "binance.json",
  "/pool/ports": "nodejs-pool-ports.json",
  "/api/stats": "2miners-stats.json",
};

export interface WitnessCase {
  readonly type: string;
  /** Tells cases of one type apart. */
  readonly name?: string;
  readonly options: (url: string) => Readonly<Record<string, unknown>>;
  /** Figures as they stand in the fixtures: replaced by nonsense in the tests of failures. */
  readonly figures: RegExp;
}

export const WITNESS_CASES: readonly WitnessCase[] = [
  { type: "ioda", options: () => ({ countries: ["KZ", "US", "XX"] }), figures: /(?<="values":\s*\[[^\]]*)\b\d+\b/g },
  {
    type: "cloudflare-radar",
    options: () => ({ token: { env: "TOKEN" } }),
    figures: /(?<="startDate":\s*)"[^"]*"/g,
  },
  { type: "ercot", options: () => ({}), figures: /(?<="(?:lz\w+|eea_level)":\s*)("[^"]*"|[\d.]+)/g },
  {
    type: "tickers",
    options: (url) => ({ kraken: `${url}/kraken`, coinbase: `${url}/coinbase`, binance: `${url}/binance` }),
    figures: /(?<="(?:price|lastPrice)":\s*|"c":\s*\[\s*)"[^"]*"/g,
  },
  {
    type: "miner-counts",
    name: "miners by server",
    options: () => ({ api: "nodejs-pool", servers: { de: "EU", fr: "EU", us: "US" } }),
    figures: /(?<="miners":\s*)\d+/g,
  },
  {
    type: "miner-counts",
    name: "sessions by region",
    options: () => ({ api: "2miners", servers: { eu: "EU", us: "US" } }),
    figures: /(?<="\w\w_sessions":\s*)\d+/g,
  },
];

export function witnessTitle({ type, name }: WitnessCase): string {
  return name === undefined ? type : `${type}, ${name}`;
}

/** Answers every witness as it should be answered, with something done to the text. */
export function healthyWitnesses(change: (text: string) => string = (text) => text): Handler {
  return (request, response) => {
    const file = FILES[(request.url ?? "").split("?")[0] ?? ""];
    response.statusCode = file === undefined ? 404 : 200;
    response.end(file === undefined ? "" : change(fixture(`witness/${file}`)));
  };
}
