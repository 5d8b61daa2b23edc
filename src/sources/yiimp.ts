/**
 * yiimp and its kin (zpool, zergpool, mining-dutch, rplant): /api/status by algorithm or /api/currencies by coin, in
 * H/s. One field is a number, a string or "" by fork; JSON may come as text/html; an EMPTY body with status 200 means
 * "asked too often", 503 "overloaded". Shape: its ApiController.php.
 */
import { z } from "zod";
import { excerpt, SourceFailure } from "./failure.ts";
import { figureSource } from "./figure-source.ts";
import { noSuchPool } from "./no-such-pool.ts";
import { heightOf } from "./parse/hashrate.ts";
import { parseJson } from "./parse/json.ts";
import { isObject, own, ownAnyCase } from "./parse/shape.ts";

const options = z.strictObject({
  algorithm: z.string().min(1).describe("key in /api/status, like sha256; every coin of it together").optional(),
  coin: z.string().min(1).describe("key in /api/currencies, like XMY; instead of `algorithm`").optional(),
});

export const yiimp = figureSource<z.infer<typeof options>>({
  type: "yiimp",
  describe: {
    summary: "a yiimp pool, by algorithm or by coin",
    limits: "one request in ten seconds and address; asked every two minutes at most",
    key: "none",
    undocumented: false,
  },
  defaults: { minIntervalMs: 120_000, staleAfterMs: 600_000, timeoutMs: 15_000 },
  options,
  spacingMs: 12_000,
  statusClasses: { 503: "rate-limited" },
  fault: ({ algorithm, coin }) =>
    (algorithm === undefined) === (coin === undefined) ? "yiimp needs `algorithm` or `coin`, one of them" : null,
  path: ({ coin }) => (coin === undefined ? "/api/status" : "/api/currencies"),
  parse(text) {
    if (text.trim() === "") throw new SourceFailure("rate-limited", "an empty body: asked too often");
    return parseJson(text);
  },
  figure(body, { algorithm, coin }) {
    if (own(body, "error")) throw new SourceFailure("semantic", `it answered ${excerpt(own(body, "message"))}`);
    const key = coin ?? algorithm ?? "";
    const entry = ownAnyCase(body, key);
    if (!isObject(entry))
      throw noSuchPool(key, isObject(body) ? Object.keys(body) : [], coin === undefined ? "algorithm" : "coin");
    return {
      value: own(entry, "hashrate"),
      unit: "H/s",
      window: { kind: "unknown", seconds: null },
      // Of an algorithm there are many chains.
      chainHeight: coin === undefined ? undefined : heightOf(own(entry, "height")),
    };
  },
});
