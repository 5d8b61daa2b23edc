/**
 * Braiins Pool's statistics; needs a free account's token. Unit and time stand in the body. Shape: Braiins' academy,
 * "monitoring"; errors: 403 without a valid token, `{"detail": "request rate exceeded"}` when asked too often.
 */
import { z } from "zod";
import { BITCOIN_ALONE } from "./adapter.ts";
import { excerpt, SourceFailure } from "./failure.ts";
import { figureSource } from "./figure-source.ts";
import { objectAt, own, textOf } from "./parse/shape.ts";
import { parseTime } from "./parse/time.ts";
import { SecretRef } from "./secret.ts";

const SECONDS = { "5m": 300, "60m": 3600, "24h": 86_400 } as const;

const options = z.strictObject({
  token: SecretRef.describe("token of a Braiins Pool account, with access to the API only"),
  coin: z
    .string()
    .regex(/^[a-z]{2,5}$/, "a coin in lower case, like btc")
    .default("btc"),
  average: z.enum(["5m", "60m", "24h"]).describe("which of its averages").default("5m"),
});

export const braiins = figureSource<z.infer<typeof options>>({
  type: "braiins",
  forCoin: BITCOIN_ALONE,
  describe: {
    summary: "Braiins Pool's own figure over five minutes, with its time",
    limits: "one request in five seconds, beyond it the address is banned; asked once a minute at most",
    key: "required",
    undocumented: false,
  },
  defaults: {
    url: "https://pool.braiins.com",
    minIntervalMs: 60_000,
    staleAfterMs: 300_000,
    timeoutMs: 15_000,
    dailyBudget: 1500,
  },
  options,
  spacingMs: 6000,
  path: ({ coin }) => `/stats/json/${coin}/`,
  secretHeaders: ({ token }, read) => ({ "Pool-Auth-Token": read(token) }),
  figure(body, { coin, average }) {
    const detail = textOf(own(body, "detail"));
    if (detail !== undefined) {
      const failed = /rate/i.test(detail) ? "rate-limited" : /auth/i.test(detail) ? "auth" : "semantic";
      throw new SourceFailure(failed, `it answered ${excerpt(detail)}`, { banRisk: failed !== "semantic" });
    }
    const stats = objectAt(own(body, coin), coin);
    const unit = textOf(own(stats, "hash_rate_unit"));
    if (unit === undefined) throw new SourceFailure("semantic", "it says no hash_rate_unit");
    return {
      value: own(stats, `pool_${average}_hash_rate`),
      unit,
      unitBeside: true,
      window: { kind: "sliding", seconds: SECONDS[average] },
      observedAt: parseTime(own(stats, "update_ts")),
    };
  },
});
