/**
 * ERCOT's dashboards: the state of the Texas grid and its prices. Miners there switch off when power is dear or short,
 * which looks like an outage and is none. Numbers come with thousands commas, one time in seconds and the next in
 * milliseconds. Shape: the JSON behind the public dashboards.
 */
import { z } from "zod";
import { SourceFailure } from "../failure.ts";
import { parseNumber } from "../parse/hashrate.ts";
import { parseJson } from "../parse/json.ts";
import { isObject, objectAt, own } from "../parse/shape.ts";
import { parseTime } from "../parse/time.ts";
import type { WitnessType } from "./contract.ts";
import { median, readWitness } from "./read-witness.ts";

const options = z.strictObject({});
const PATH = "/api/1/services/read/dashboards";
/** The highest level of an energy emergency alert is 3; 0 is none. */
const HIGHEST_LEVEL = 3;
/** Four times the cap of Texas' prices: beyond it some unit slipped. Below zero is a price too. */
const MOST_USD = 20_000;

/** Null where it is not said. Throws `SourceFailure` for what can be no value of that kind. */
function within(value: number | null, low: number, high: number, what: string): number | null {
  if (value !== null && (value < low || value > high)) throw new SourceFailure("semantic", `${what} is ${value}`);
  return value;
}

export const ercot: WitnessType = {
  type: "ercot",
  summary: "ERCOT: whether the Texas grid is short or dear",
  limits: "none published; asked every five minutes at most",
  key: "none",
  undocumented: true,
  defaults: {
    url: "https://www.ercot.com",
    minIntervalMs: 300_000,
    staleAfterMs: 1_800_000,
    timeoutMs: 15_000,
    dailyBudget: 1200,
  },
  schema: options,
  create(config, deps) {
    return readWitness(config, deps, {
      defaults: this.defaults,
      async read(reader) {
        // Both belong together.
        const reserves = await reader.ask(`${PATH}/daily-prc.json`, { conditional: false });
        const prices = await reader.ask(`${PATH}/system-wide-prices.json`, { conditional: false });
        if (reserves === null || prices === null) return null;
        const condition = objectAt(own(parseJson(reserves.text), "current_condition"), "current_condition");
        return [
          {
            kind: "grid",
            region: "US-TX",
            emergencyLevel: within(parseNumber(own(condition, "eea_level")), 0, HIGHEST_LEVEL, "eea_level"),
            usdPerMegawattHour: newestPrice(parseJson(prices.text)),
            at: parseTime(own(condition, "datetime")) ?? reader.now,
          },
        ];
      },
    });
  },
};

/** Median over the load zones (`lz...`) of the newest interval; null when it is not said. */
function newestPrice(body: unknown): number | null {
  const series = own(body, "rtSppData");
  const newest: unknown = Array.isArray(series) ? series.at(-1) : undefined;
  if (!isObject(newest)) return null;
  const zones = Object.entries(newest).filter(([key]) => key.startsWith("lz"));
  const prices = zones.map(([zone, value]) => within(parseNumber(value), -MOST_USD, MOST_USD, zone));
  return median(prices.filter((value) => value !== null));
}
