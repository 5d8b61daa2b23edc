/**
 * Cloudflare Radar: outages that people there verified, with their cause. Needs a free token. Data under CC BY-NC 4.0:
 * whoever shows it names Cloudflare. Shape: Cloudflare's API documentation, radar/annotations/outages.
 */
import { z } from "zod";
import { type Fact, isWord } from "../../model/fact.ts";
import { excerpt, SourceFailure } from "../failure.ts";
import { parseJson } from "../parse/json.ts";
import { arrayAt, own, textOf } from "../parse/shape.ts";
import { parseTime } from "../parse/time.ts";
import { SecretRef } from "../secret.ts";
import type { WitnessType } from "./contract.ts";
import { readWitness } from "./read-witness.ts";

const options = z.strictObject({ token: SecretRef.describe("API token with the permission Radar: read") });
const PATH = "/client/v4/radar/annotations/outages?dateRange=7d&limit=100&format=JSON";

export const cloudflareRadar: WitnessType = {
  type: "cloudflare-radar",
  summary: "Cloudflare Radar: verified outages and their cause",
  limits: "1,200 requests in five minutes and user; asked every ten minutes at most",
  key: "required",
  defaults: {
    url: "https://api.cloudflare.com",
    minIntervalMs: 600_000,
    staleAfterMs: 3_600_000,
    timeoutMs: 15_000,
    dailyBudget: 300,
  },
  schema: options,
  create(config, deps) {
    const token = deps.secrets(options.parse(config.options).token);
    return readWitness(config, deps, {
      defaults: this.defaults,
      headers: { authorization: `Bearer ${token}` },
      secrets: [token],
      async read(reader) {
        const document = await reader.ask(PATH);
        if (document === null) return null;
        const body = parseJson(document.text);
        if (own(body, "success") !== true) {
          throw new SourceFailure("semantic", `it answered ${excerpt(own(body, "errors"))}`);
        }
        const facts: Fact[] = [];
        // No outage is an empty list, and normal.
        for (const each of arrayAt(own(own(body, "result"), "annotations"), "annotations")) {
          const from = parseTime(own(each, "startDate"));
          const to = parseTime(own(each, "endDate"));
          if (from === undefined) continue;
          for (const location of arrayAt(own(each, "locations"), "locations")) {
            const region = textOf(location);
            const said = own(own(each, "outage"), "outageCause");
            // That the country was cut off is one fact, the cause another: what cannot be a cause was not said.
            const cause = isWord(said) ? said : null;
            if (region !== undefined)
              facts.push({ kind: "outage", region, cause, from, ...(to === undefined ? {} : { to }) });
          }
        }
        return facts;
      },
    });
  },
};
