/**
 * IODA (Georgia Tech): how much of a country is reachable, by BGP routes every 5 minutes and by pings every 10. The
 * newest points are often null: lag, not an outage. A failure of its backend is status 200 with `error` set. Shape: its
 * API v2 and its source; no limit is published, so countries are asked for together, once in five minutes.
 */

import { z } from "zod";
import { HashfallError } from "../../model/errors.ts";
import type { Fact } from "../../model/fact.ts";
import { DAY_SECONDS } from "../../model/time-units.ts";
import { excerpt, SourceFailure } from "../failure.ts";
import { parseNumber } from "../parse/hashrate.ts";
import { parseJson } from "../parse/json.ts";
import { arrayAt, own, textOf } from "../parse/shape.ts";
import type { WitnessType } from "./contract.ts";
import { median, readWitness } from "./read-witness.ts";

/** Points newer than this count as now; without one the country says nothing. */
const FRESH_SECONDS = 3_600;
const SIGNALS = { bgp: "BGP visibility", "ping-slash24": "active probing" } as const;

const options = z.strictObject({
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/, "a country code like KZ"))
    .min(1)
    .max(50)
    .describe("countries to ask about, all at once; absent: those that the network's weights name")
    .optional(),
});

export const ioda: WitnessType = {
  type: "ioda",
  summary: "IODA: how much of a country is reachable (BGP, active probing)",
  limits: "none published; asked every five minutes at most",
  key: "none",
  defaults: {
    url: "https://api.ioda.inetintel.cc.gatech.edu",
    minIntervalMs: 300_000,
    staleAfterMs: FRESH_SECONDS * 1000,
    timeoutMs: 30_000,
    dailyBudget: 1200,
  },
  schema: options,
  create(config, deps) {
    const { countries } = options.parse(config.options);
    if (countries === undefined) {
      throw new HashfallError("SOURCE_INVALID", `Witness ${config.id}: type ioda needs \`countries\`.`);
    }
    return readWitness(config, deps, {
      defaults: this.defaults,
      async read(reader) {
        const until = Math.floor(reader.now / 1000);
        const facts: Fact[] = [];
        for (const [datasource, signal] of Object.entries(SIGNALS)) {
          const span = `from=${until - DAY_SECONDS}&until=${until}&datasource=${datasource}`;
          const path = `/v2/signals/raw/country/${countries.join(",")}?${span}`;
          // Every span is a document of its own: none comes twice.
          const document = await reader.ask(path, { maxBytes: 8 * 1024 * 1024, conditional: false });
          if (document === null) continue;
          const body = parseJson(document.text);
          const error = own(body, "error");
          if (error) throw new SourceFailure("semantic", `it answered ${excerpt(error)}`);
          // A list of lists: one list per country, one series per signal.
          for (const entity of arrayAt(own(body, "data"), "data")) {
            for (const series of arrayAt(entity, "series of a country")) {
              const fact = factOf(series, signal, until);
              if (fact !== null) facts.push(fact);
            }
          }
        }
        return facts;
      },
    });
  },
};

function factOf(series: unknown, signal: string, until: number): Fact | null {
  const region = textOf(own(series, "entityCode"));
  const from = parseNumber(own(series, "from"));
  const step = parseNumber(own(series, "step"));
  if (region === undefined || from === null || step === null || step <= 0) return null;
  const points: { at: number; value: number }[] = [];
  for (const [index, value] of arrayAt(own(series, "values"), "values").entries()) {
    if (typeof value === "number" && Number.isFinite(value)) points.push({ at: from + index * step, value });
  }
  const last = points.at(-1);
  const usual = median(points.slice(0, -1).map(({ value }) => value));
  if (last === undefined || usual === null || usual <= 0 || until - last.at > FRESH_SECONDS) return null;
  return { kind: "connectivity", region, signal, ratio: last.value / usual, at: last.at * 1000 };
}
