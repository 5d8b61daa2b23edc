/** A secret that was configured appears in no outcome, event, log line or metric, whatever the upstream does with it. */
import { Writable } from "node:stream";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeMetrics } from "../../src/metrics/metrics.ts";
import { recordPoll } from "../../src/metrics/record.ts";
import {
  configOf,
  FIXTURES,
  fetchOnce,
  type Handler,
  hastyHttp,
  sourceOn,
  startUpstream,
  type Upstream,
} from "./upstream.ts";

const SECRET = "sentinel/8f+41~never=shown";
const FORMS = [SECRET, encodeURIComponent(SECRET), Buffer.from(SECRET).toString("base64"), "8f+41~never"];
const ref = { env: "SENTINEL" };

const KEYED: readonly [string, Record<string, unknown>, Record<string, typeof ref> | undefined][] = [
  ["braiins", { token: ref }, undefined],
  ["miningrigrentals", { apiKey: ref, apiSecret: ref }, undefined],
  ["bitcoind", { poolList: `${FIXTURES}/bitcoind/pool-list.json`, user: "u", password: ref }, undefined],
  ["regions-map", { shape: "map", regions: { us: "US" }, errorPath: "error" }, { "X-Key": ref }],
];

/** Upstreams that say the secret back to us in every place they have. */
const ECHOES: readonly (readonly [string, Handler])[] = [
  ["in a status line and page", (_, response) => response.writeHead(403, SECRET.replace("/", "")).end(`no: ${SECRET}`)],
  [
    "in a detail",
    (_, response) =>
      response.end(
        JSON.stringify({ detail: SECRET, error: SECRET, success: false, data: { message: `bad key ${SECRET}` } }),
      ),
  ],
  ["in HTML", (_, response) => response.end(`<html>${SECRET}</html>`)],
  ["where a line is cut", (_, response) => response.end(`no JSON ${"x".repeat(140)} ${SECRET}`)],
  ["in text", (_, response) => response.end(`no JSON ${SECRET}`)],
  [
    "in a redirect",
    (_, response) => response.writeHead(302, { location: `http://10.0.0.1/${encodeURIComponent(SECRET)}` }).end(),
  ],
  [
    "in an RPC error",
    (_, response) => response.writeHead(500).end(JSON.stringify({ error: { code: -1, message: SECRET } })),
  ],
  [
    "as a figure",
    (_, response) =>
      response.end(JSON.stringify({ us: SECRET, btc: { hash_rate_unit: SECRET, pool_5m_hash_rate: SECRET } })),
  ],
];

describe("secrets", () => {
  let upstream: Upstream;
  beforeAll(async () => {
    upstream = await startUpstream();
  });
  afterAll(() => upstream.close());

  describe.each(KEYED)("of %s", (type, options, secretHeaders) => {
    it.each(ECHOES)("said back %s", async (_, handler) => {
      upstream.answer(handler);
      const http = hastyHttp();
      const lines: string[] = [];
      const logger = pino(
        { level: "trace" },
        new Writable({
          write: (line, _encoding, done) => {
            lines.push(String(line));
            done();
          },
        }),
      );
      const metrics = makeMetrics({ nodeMetrics: false });
      const source = sourceOn(
        configOf(type, upstream.url, { options, ...(secretHeaders === undefined ? {} : { secretHeaders }) }),
        http,
        { SENTINEL: SECRET },
      );
      const outcome = await fetchOnce(source);
      expect(outcome.kind).toBe("error");
      const result = outcome.kind === "error" ? outcome.class : outcome.kind;
      const event = {
        type: "asked",
        network: "n",
        tick: 0,
        source: type,
        result,
        outcome,
        rows: 0,
        skipped: {},
        tookMs: 1,
      } as const;
      recordPoll(event, { metrics, logger });
      const shown = [JSON.stringify(outcome), ...lines, await metrics.render()].join("\n");
      expect(lines.length).toBeGreaterThan(0);
      for (const form of FORMS) expect(shown).not.toContain(form);
      await http.close();
    });
  });
});
