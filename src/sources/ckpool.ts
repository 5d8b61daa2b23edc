/**
 * ckpool's pool.status: several JSON documents in one body, one a line. Each instance (solo, eusolo, ausolo, your own)
 * is a server in one region, so its figure is a true regional row. Shape: ckpool's stratifier.c and libckpool.c.
 */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { BITCOIN_ALONE, type SourceDefaults, type SourceType } from "./adapter.ts";
import { SourceFailure } from "./failure.ts";
import { parseHashrate } from "./parse/hashrate.ts";
import { parseJsonDocuments } from "./parse/json.ts";
import { isObject, own } from "./parse/shape.ts";
import { parseTime } from "./parse/time.ts";
import { type Reader, readSource } from "./read-source.ts";
import { fileTime, onlyPool, rateRow, raw } from "./rows.ts";

/** The windows that ckpool averages over, in seconds; each is an exponential decay, not a sliding mean. */
const WINDOWS = { "1m": 60, "5m": 300, "15m": 900, "1hr": 3600, "6hr": 21_600, "1d": 86_400, "7d": 604_800 } as const;

const options = z.strictObject({
  average: z
    .enum(Object.keys(WINDOWS) as [keyof typeof WINDOWS])
    .describe("which of ckpool's averages to use: 1m is fast and noisy, 1hr slow and quiet")
    .default("5m"),
});

const DEFAULTS: SourceDefaults = {
  url: "https://solo.ckpool.org",
  minIntervalMs: 60_000,
  // Written every minute; three missed writes are a dead instance, and `lastupdate` then stands still.
  staleAfterMs: 180_000,
  timeoutMs: 15_000,
  dailyBudget: 1500,
};
/** %.3g: three digits. */
const RESOLUTION = 0.005;
/** The file is truncated and rewritten: a read in between finds half of it, and a second later all of it. */
const AGAIN_AFTER_MS = 1000;
const PATH = "/pool/pool.status";

/**
 * All documents as one object (ckpool writes three, forks four; proxies join or indent their lines); null when the end
 * is missing. Throws `SourceFailure` for a whole file without the field.
 */
function merge(text: string, field: string): Record<string, unknown> | null {
  let status: Record<string, unknown>;
  try {
    status = Object.assign({}, ...parseJsonDocuments(text).filter(isObject)) as Record<string, unknown>;
  } catch (error) {
    if (!text.trimStart().startsWith("{")) throw error;
    return null;
  }
  if (own(status, field) !== undefined) return status;
  const averages = Object.keys(status).filter((key) => key.startsWith("hashrate"));
  // Only the first of its lines: the file was being written.
  if (averages.length === 0) return null;
  throw new SourceFailure("semantic", `pool.status has no ${field}; it has ${averages.join(", ")}`, {
    advice: "set `average` to one that it has",
  });
}

async function ask(reader: Reader, field: string) {
  for (let tries = 1; ; tries++) {
    const document = await reader.ask(PATH);
    if (document === null) return null;
    const status = merge(document.text, field);
    if (status !== null) return { document, status };
    if (tries === 2) throw new SourceFailure("partial", `pool.status breaks off before ${field}, twice`);
    reader.forget();
    await delay(AGAIN_AFTER_MS, undefined, { signal: reader.signal }).catch(() => undefined);
  }
}

export const ckpool: SourceType = {
  type: "ckpool",
  forCoin: BITCOIN_ALONE,
  describe: {
    summary: "a ckpool instance: hash rate of the miners on one server",
    limits: "none published; written once a minute, asked as often",
    pools: "one",
    rows: ["region", "pool"],
    key: "none",
    undocumented: false,
  },
  defaults: DEFAULTS,
  schema: options,
  create(config, deps) {
    const pool = onlyPool(config);
    const { average } = options.parse(config.options);
    return readSource(config, deps, {
      defaults: DEFAULTS,
      async read(reader) {
        const answer = await ask(reader, `hashrate${average}`);
        if (answer === null) return "not-modified";
        const { document, status } = answer;
        const figure = own(status, `hashrate${average}`);
        const lastUpdate = parseTime(own(status, "lastupdate"));
        if (lastUpdate !== undefined && reader.now - lastUpdate > DEFAULTS.staleAfterMs) {
          throw new SourceFailure("stale", `lastupdate is ${Math.round((reader.now - lastUpdate) / 1000)} s old`);
        }
        const row = rateRow(config, {
          pool,
          hashrate: parseHashrate(figure),
          window: { kind: "ewma", seconds: WINDOWS[average] },
          staleAfterMs: DEFAULTS.staleAfterMs,
          raw: raw(figure, ""),
          resolution: RESOLUTION,
          ...(lastUpdate === undefined
            ? fileTime(document, reader.now)
            : { observedAt: lastUpdate, observedAtBasis: "body" as const }),
        });
        return { rows: [row], bodySha256: document.bodySha256 };
      },
    });
  },
};
