/**
 * MiningRigRentals: rigs for rent, each with the region of the proxy server it uses and its rate of the last five
 * minutes. A small fleet, but truly regional. In one object a rate is a number in PH and the next a string in TH: the
 * `type` beside it is always read. Failures come with status 200 and `success: false`. Shape: its API documentation v2.
 */
import { createHmac } from "node:crypto";
import { z } from "zod";
import { HashfallError } from "../model/errors.ts";
import { isRegionCode } from "../model/region.ts";
import type { SourceDefaults, SourceType } from "./adapter.ts";
import type { RateObservation } from "./contract.ts";
import { excerpt, SourceFailure } from "./failure.ts";
import { parseHashrateBeside, parseNumber } from "./parse/hashrate.ts";
import { parseJson } from "./parse/json.ts";
import { arrayAt, own, textOf } from "./parse/shape.ts";
import { type Reader, readSource } from "./read-source.ts";
import { cacheTime, onlyPool, rateRow, raw } from "./rows.ts";
import { SecretRef } from "./secret.ts";
import { UnknownNames } from "./unknown-names.ts";

const DEFAULTS: SourceDefaults = {
  url: "https://www.miningrigrentals.com",
  minIntervalMs: 300_000,
  staleAfterMs: 900_000,
  timeoutMs: 15_000,
  // Up to twenty pages in five minutes.
  dailyBudget: 5760,
};
/** Its regions are places of its servers. `ap` is no country, so it is left to whoever declares what it means. */
const REGIONS: Readonly<Record<string, string>> = {
  us: "US",
  "us-east": "US",
  "us-central": "US",
  "us-west": "US",
  eu: "EU",
  "eu-de": "EU",
  "eu-nl": "EU",
  "eu-n": "EU",
  "eu-ru": "RU",
};
const PATH = "/api/v2/rig";
const PAGE_SIZE = 100;
const MAX_PAGES = 20;
/** Share of rigs whose figure may be unreadable. */
const TOLERATED = 0.02;

const options = z.strictObject({
  algorithm: z
    .string()
    .regex(/^[a-z0-9]+$/)
    .describe("its name of the algorithm, like sha256 or scrypt")
    .default("sha256"),
  regions: z
    .record(z.string(), z.string().refine(isRegionCode, "a region code like US"))
    .describe("its region -> region; others are counted and left out")
    .default({ ...REGIONS }),
  apiKey: SecretRef.describe("API key, where it asks for one").optional(),
  apiSecret: SecretRef.describe("the key's secret").optional(),
});

export const miningRigRentals: SourceType = {
  type: "miningrigrentals",
  describe: {
    summary: "rigs on offer at MiningRigRentals by region of their proxy server",
    limits: "none published; asked every five minutes at most",
    pools: "one",
    rows: ["region"],
    key: "optional",
    undocumented: false,
  },
  defaults: DEFAULTS,
  schema: options,
  regions: (given) => Object.values(options.parse(given).regions),
  create(config, deps) {
    const pool = onlyPool(config);
    const { algorithm, regions, apiKey, apiSecret } = options.parse(config.options);
    if ((apiKey === undefined) !== (apiSecret === undefined)) {
      throw new HashfallError("SOURCE_INVALID", `Source ${config.id}: \`apiKey\` and \`apiSecret\` belong together.`);
    }
    const key = apiKey === undefined ? null : deps.secrets(apiKey);
    const secret = apiSecret === undefined ? null : deps.secrets(apiSecret);
    let lastNonce = 0;
    const sign = (realNow: number): Record<string, string> => {
      if (key === null || secret === null) return {};
      lastNonce = Math.max(lastNonce + 1, realNow);
      // The path without its query: with it the server says "Signature Failure".
      const signature = createHmac("sha1", secret).update(`${key}${lastNonce}/rig`).digest("hex");
      return { "x-api-key": key, "x-api-nonce": String(lastNonce), "x-api-sign": signature };
    };
    return readSource(config, deps, {
      defaults: DEFAULTS,
      secrets: [key, secret].filter((each) => each !== null),
      async read(reader) {
        const { records, document } = await allRigs(reader, algorithm, () => sign(reader.now));
        const { sums, skipped, unknown } = sumOnline(records, regions);
        const rows: RateObservation[] = [...sums].map(([region, { hashrate, rigs }]) =>
          rateRow(config, {
            pool,
            region,
            hashrate,
            window: { kind: "sliding", seconds: 300 },
            staleAfterMs: DEFAULTS.staleAfterMs,
            raw: raw(`${rigs} rigs`, "rigs"),
            basis: "server-location",
            ...cacheTime(document, reader.now),
          }),
        );
        return { rows, bodySha256: document.bodySha256, skipped, unknown };
      },
    });
  },
};

/** Every page: a sum over the first page alone would move with the order of the list. */
async function allRigs(reader: Reader, algorithm: string, sign: () => Record<string, string>) {
  const records: unknown[] = [];
  for (let page = 0; ; page++) {
    const query = `?type=${algorithm}&count=${PAGE_SIZE}&offset=${page * PAGE_SIZE}`;
    const asked = { headers: sign(), maxBytes: 8 * 1024 * 1024, conditional: false };
    const document = await reader.ask(`${PATH}${query}`, asked);
    if (document === null) throw new SourceFailure("format", "not modified, to an unconditional request");
    const body = parseJson(document.text);
    if (own(body, "success") !== true) {
      const message = textOf(own(own(body, "data"), "message")) ?? "no success";
      const unauthorised = /key|sign|nonce|auth/i.test(message);
      throw new SourceFailure(unauthorised ? "auth" : "semantic", `it answered ${excerpt(message)}`);
    }
    const found = arrayAt(own(own(body, "data"), "records"), "records");
    records.push(...found);
    const total = parseNumber(own(own(body, "data"), "total"));
    if (found.length < PAGE_SIZE || (total !== null && records.length >= total)) return { records, document };
    // Half of the rigs would be another quantity, and look like a fall.
    if (page + 1 === MAX_PAGES) throw new SourceFailure("too-large", `more than ${MAX_PAGES * PAGE_SIZE} rigs`);
  }
}

/**
 * Online rigs by region. A rig whose figure cannot be read is left out and counted: it is one of many. Throws
 * `SourceFailure` when it is one of few: a sum of the rest would look like a fall.
 */
function sumOnline(records: readonly unknown[], regions: Readonly<Record<string, string>>) {
  const sums = new Map<string, { hashrate: number; rigs: number }>();
  const skipped: Record<string, number> = {};
  const skip = (why: string) => {
    skipped[why] = (skipped[why] ?? 0) + 1;
  };
  const unknown = new UnknownNames();
  let online = 0;
  for (const rig of records) {
    const name = textOf(own(rig, "region")) ?? "";
    const region = regions[name];
    const last = own(own(rig, "hashrate"), "last_5min");
    if (own(own(rig, "status"), "online") !== true) skip("offline rig");
    else if (region === undefined) {
      skip("unknown region");
      unknown.add(name);
    } else {
      online++;
      const hashrate = rateOf(last);
      if (hashrate === null) skip("unreadable rig");
      else {
        const sum = sums.get(region) ?? { hashrate: 0, rigs: 0 };
        sums.set(region, { hashrate: sum.hashrate + hashrate, rigs: sum.rigs + 1 });
      }
    }
  }
  const unreadable = skipped["unreadable rig"] ?? 0;
  if (unreadable > online * TOLERATED) {
    throw new SourceFailure("semantic", `${unreadable} of ${online} rigs have no readable hash rate`);
  }
  return { sums, skipped, unknown: unknown.names };
}

function rateOf(rate: unknown): number | null {
  const unit = textOf(own(rate, "type"));
  if (unit === undefined) return null;
  try {
    return parseHashrateBeside(own(rate, "hash"), unit);
  } catch {
    return null;
  }
}
