/**
 * Every parser of what comes from outside, with input that was right once and is not any more: nothing is thrown past its
 * boundary, nothing that it lets through is out of bounds, and memory stays.
 *
 * `MUTATIONS` says how many for each parser (`npm run trust` sets 100,000). Half of them are the same in every run; the
 * other half are drawn by `SEED`: `npm run trust` draws a new one and prints it, `npm test` keeps to one.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { formatBackupLine, readBackupLine } from "../../src/backup/backup-line.ts";
import { parseConfig } from "../../src/config/load.ts";
import { ConfigError } from "../../src/config/reading/faults.ts";
import type { PushSender } from "../../src/config/resolve/resolved.ts";
import { linesOf, readRows } from "../../src/deliver/push/read-rows.ts";
import { readHeaders } from "../../src/deliver/push/signature.ts";
import { parseClientMessage } from "../../src/deliver/ws/parse.ts";
import { compareStreamIds, loggedAt, parseCursor } from "../../src/model/cursor.ts";
import { factFault } from "../../src/model/fact.ts";
import { MAX_DIFFICULTY, MAX_HASHRATE } from "../../src/model/sample.ts";
import { formatSampleLine, parseSampleLine } from "../../src/model/sample-line.ts";
import { toFacts } from "../../src/poll/to-facts.ts";
import type { HttpDocument, PoliteHttp } from "../../src/sources/http/contract.ts";
import { makeSecretReader } from "../../src/sources/secret.ts";
import { makeWitness } from "../../src/sources/witness/registry.ts";
import { parseSampleCursor } from "../../src/store/sample-cursor.ts";
import { ADAPTER_CASES, SECRETS, titleOf, urlOf } from "../sources/adapter-cases.ts";
import { configOf, NOW, sourceOn } from "../sources/upstream.ts";
import { healthyWitnesses, WITNESS_CASES, witnessTitle } from "../sources/witness-cases.ts";
import { mutationsOf } from "./mutations.ts";

const MUTATIONS = Number(process.env.MUTATIONS ?? 1_500);
const DRAWN = Number(process.env.SEED ?? 2);
const SEEDS = [1, DRAWN];
/** What many thousand refused inputs may leave in memory until the next collection. */
const MEMORY_LIMIT_BYTES = 768 * 1024 * 1024;
const ROOT = join(import.meta.dirname, "../..");

let tried = 0;
const before = process.memoryUsage().rss;
afterAll(() => {
  const grown = process.memoryUsage().rss - before;
  console.log(`${tried} inputs tried (seeds ${SEEDS.join(", ")}), memory grew by ${Math.round(grown / 1e6)} MB`);
  expect(grown).toBeLessThan(MEMORY_LIMIT_BYTES);
});

/** Runs a check on so many mutations of the texts, half by a fixed seed, half by the drawn one. */
function mutate(texts: readonly string[], check: (text: string) => void, share = 1): void {
  const numRuns = Math.max(10, Math.ceil((MUTATIONS * share) / SEEDS.length));
  for (const seed of SEEDS) fc.assert(fc.property(counted(mutationsOf(texts)), check), { seed, numRuns });
}

async function mutateAsync(texts: readonly string[], check: (text: string) => Promise<void>, share: number) {
  const numRuns = Math.max(10, Math.ceil((MUTATIONS * share) / SEEDS.length));
  for (const seed of SEEDS) await fc.assert(fc.asyncProperty(counted(mutationsOf(texts)), check), { seed, numRuns });
}

function counted(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return texts.map((text) => {
    tried++;
    return text;
  });
}

const SAMPLES = [
  '{"at":"2022-01-05T10:30:00Z","pool":"antpool","hashrate":2.9e19,"source":"antpool","windowSeconds":3600}',
  '{"at":"2022-01-05T10:30:00Z","pool":"ckpool","region":"EU","hashrate":1.1e17,"basis":"server-location"}',
  '{"at":"2022-01-05T10:30:00Z","pool":"f2pool","height":717300,"difficulty":24371874614345.62}',
  '{"at":"2022-01-05T10:50:00Z","source":"ioda","witness":"connectivity","region":"KZ","signal":"BGP visibility","ratio":0.42,"observedAt":"2022-01-05T10:40:00Z"}',
  '{"at":"2022-01-05T10:30:00Z","tick":true,"network":"bitcoin"}',
];

function expectUsable(line: string): void {
  const parsed = parseSampleLine(line);
  if (!parsed.ok) {
    expect(parsed.why.length).toBeGreaterThan(0);
    expect(parsed.why.length).toBeLessThan(500);
    return;
  }
  const { sample } = parsed;
  expect(Number.isFinite(sample.at)).toBe(true);
  if (sample.kind === "rate") expect(sample.hashrate >= 0 && sample.hashrate <= MAX_HASHRATE).toBe(true);
  if (sample.kind === "block") expect(sample.difficulty > 0 && sample.difficulty <= MAX_DIFFICULTY).toBe(true);
  if (sample.kind === "witness") expect(factFault(sample.fact)).toBe(null);
  expect(parseSampleLine(formatSampleLine(sample))).toMatchObject({ ok: true, sample });
}

describe(`mutated input (${MUTATIONS} for each parser, SEED=${DRAWN})`, () => {
  it("of samples is refused with a reason, or is a sample within bounds", () => {
    mutate(SAMPLES, expectUsable);
  });

  it("of a configuration is refused with a place, or is a configuration", () => {
    const demo = readFileSync(join(ROOT, "config/demo/bitcoin-2022.yaml"), "utf8");
    const small =
      "networks: {bitcoin: {interval: 5m, pools: {a: {window: 1h, regions: {KZ: 0.2, US: {weight: 0.1, sd: 0.05}}}}}}\nserver: {port: 8080, tokens: [{name: r, token: {env: T}, scopes: [read]}]}\nretention: {backup: {folder: /x, megabytes: 64}}";
    const check = (text: string): void => {
      try {
        parseConfig(text, { file: "fuzz.yaml", env: { HASHFALL_SIMULATOR_URL: "http://127.0.0.1:1", T: "secret" } });
      } catch (error) {
        expect(error, String(error)).toBeInstanceOf(ConfigError);
        expect(String((error as Error).message)).toMatch(/^fuzz\.yaml:\d+:\d+: /);
        expect((error as Error).message.length).toBeLessThan(100_000);
      }
    };
    mutate([small], check, 0.2);
    mutate([demo], check, 0.002);
  }, 2_400_000);

  it("of a client's frames is answered with a documented error, or is a message", () => {
    const frames = [
      '{"op":"subscribe","id":1,"channel":"alerts","networks":["bitcoin"],"regions":["KZ"],"minSeverity":"warning","since":"e1~1-0"}',
      '{"op":"unsubscribe","id":"a","channel":"regions"}',
      '{"op":"ping","id":2}',
    ];
    mutate(frames, (text) => {
      const parsed = parseClientMessage(text);
      if (!parsed.ok) expect(parsed.message.length).toBeGreaterThan(0);
    });
  });

  it("of cursors is no cursor, or one whose parts can be compared", () => {
    mutate(["e171423268e~1795849530707-0", "e1~0-0", "e00~18446744073709551615-18446744073709551615"], (text) => {
      const cursor = parseCursor(text);
      if (cursor !== null) expect([-1, 0, 1]).toContain(compareStreamIds(cursor.id, "1-1"));
      loggedAt(text);
    });
    mutate(["1641378600000-12"], (text) => {
      try {
        const { tick, arrival } = parseSampleCursor(text);
        expect(Number.isFinite(tick) && Number.isFinite(arrival)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    });
  });

  it("of a push is refused by line with a reason, and nothing passes that its sender may not say", () => {
    const sender: PushSender = {
      ...{ name: "farm", network: "bitcoin", secrets: [], pools: ["antpool"], regions: ["KZ"], wholePools: false },
    };
    const rules = { sender, intervalMs: 300_000, now: Date.parse("2022-01-05T10:32:00Z") };
    const row = '{"at":"2022-01-05T10:30:00Z","pool":"antpool","region":"KZ","hashrate":4.1e18}';
    for (const format of ["json", "ndjson"] as const) {
      mutate([format === "json" ? `{"samples":[${row},${row}]}` : `${row}\n${row}\n`], (text) => {
        const lines = linesOf(text, format);
        if (typeof lines === "string") return;
        const { rows, refused } = readRows(lines, rules);
        expect(rows.length + refused.length).toBe(lines.length);
        for (const each of rows) expect([each.pool, "region" in each && each.region]).toEqual(["antpool", "KZ"]);
      });
    }
    mutate(["msg_1 1641378720 v1,AAAA"], (text) => {
      const [id, time, signature] = text.split(" ");
      const headers: Record<string, string | undefined> = {
        ...{ "webhook-id": id, "webhook-timestamp": time, "webhook-signature": signature },
      };
      readHeaders((name) => headers[name], rules.now);
    });
  });

  it("of a backup is skipped with a reason, or is a line of it", () => {
    const lines = [
      formatBackupLine({ backup: "place", network: "bitcoin", version: 3, tick: 5 }),
      formatBackupLine({ backup: "silences", fields: { a: '{"id":"a"}' } }),
      formatBackupLine({ backup: "rows", network: "bitcoin", tick: 5, fields: { "r\u001fx\u001fa\u001f": "1" } }),
      formatBackupLine({
        ...{ backup: "state", network: "bitcoin", version: 1, tick: 2, lineage: "0123456789abcdef" },
        ...{ configHash: "c", generation: 1, bytes: "AAAA", view: "{}" },
      }),
      formatBackupLine({
        ...{ backup: "alert", network: "bitcoin", id: "a-1", score: 1, bundle: "" },
        fields: { "1": '1-1|1|2|3|{"type":"opened"}', latest: "1", network: "bitcoin" },
      }),
      ...SAMPLES,
    ];
    mutate(lines, (text) => {
      const read = readBackupLine(text);
      if (read.kind === "unusable") expect(read.why.length).toBeGreaterThan(0);
    });
  });
});

/** A client that answers every request out of memory. */
function answering(answer: (path: string, body: string) => string | undefined): PoliteHttp {
  return {
    async request({ url, body = "" }) {
      const text = answer(new URL(url).pathname, body);
      if (text === undefined) return { kind: "error", class: "http", httpStatus: 404, detail: "404" } as never;
      return { kind: "document", status: 200, text, bodySha256: "" } satisfies HttpDocument;
    },
    forget: () => undefined,
    hold: () => undefined,
    close: async () => undefined,
  };
}

/** There are three dozen of them, and each asks through all of its adapter. */
const SHARE = 0.04;

describe(`mutated answers of every pool API (${Math.ceil(MUTATIONS * SHARE)} each, SEED=${DRAWN})`, () => {
  it.each(ADAPTER_CASES.map((each) => [titleOf(each), each] as const))(
    "%s: rows within bounds, or an error of a known class",
    async (_, each) => {
      const answers = Object.entries(each.answers);
      const texts = answers.map(([path, answer]) => `${path}\n${typeof answer === "string" ? answer : answer("[]")}`);
      await mutateAsync(
        texts,
        async (mutated) => {
          const newline = mutated.indexOf("\n");
          const [damagedPath, damaged] = [mutated.slice(0, newline), mutated.slice(newline + 1)];
          const http = answering((path, body) => {
            if (path === damagedPath) return damaged;
            const answer = each.answers[path];
            return typeof answer === "function" ? answer(body) : answer;
          });
          const url = urlOf(each, "http://127.0.0.1:9");
          const source = sourceOn(configOf(each.type, url, each.config), http, SECRETS);
          // Nobody waits: a source that asks a second time (ckpool, for the other half of its file) does so at once.
          const outcome = await source.fetch({ signal: AbortSignal.abort(), now: NOW });
          if (outcome.kind !== "ok") return;
          for (const row of outcome.rows) {
            const figure = row.kind === "block" ? row.difficulty : row.hashrate;
            expect(figure === null || (figure >= 0 && Number.isFinite(figure)), JSON.stringify(row)).toBe(true);
            expect(typeof row.pool).toBe("string");
          }
        },
        SHARE,
      );
    },
    2_400_000,
  );
});

/** What the network's weights name in these cases: facts of other regions are counted and left out. */
const REGIONS = ["KZ", "US", "US-TX", "EU", "XX"];

/** Asks a witness whose upstream's every document has so much cut out at a place, and something else put in. */
async function lookAtDamaged(type: string, options: object, { place, cut, put }: Damage): Promise<void> {
  const healthy = healthyWitnesses((text) => {
    const at = Math.floor(place * text.length);
    return text.slice(0, at) + put + text.slice(at + cut);
  });
  const http = answering((path) => {
    const said: string[] = [];
    const response = { statusCode: 200, end: (text: string) => said.push(text) };
    healthy({ url: path } as never, response as never, "");
    return response.statusCode === 200 ? said.join("") : undefined;
  });
  const deps = { http, clock: { now: () => NOW }, secrets: makeSecretReader({ TOKEN: "sentinel" }) };
  const witness = makeWitness(configOf(type, "http://127.0.0.1:9", { options: options as never }), deps);
  const outcome = await witness.look({ signal: new AbortController().signal, now: NOW });
  if (outcome.kind !== "ok") return;
  // As the poller takes them: each fact is a row that can be stored and read again, or is counted with a reason.
  const { rows, skipped } = toFacts(type, outcome.facts, { regions: REGIONS, tick: NOW, now: NOW });
  const left = Object.values(skipped).reduce((sum, count) => sum + count, 0);
  expect(rows.length + left).toBe(outcome.facts.length);
  for (const row of rows) {
    expect(factFault(row.fact)).toBe(null);
    expect(parseSampleLine(formatSampleLine(row))).toEqual({ ok: true, sample: row });
  }
}

interface Damage {
  /** As a share of each document. */
  readonly place: number;
  readonly cut: number;
  readonly put: string;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  cut: fc.integer({ min: 0, max: 30 }),
  put: mutationsOf(['{"at":0.5}']),
});

describe(`mutated answers of every witness (${Math.ceil(MUTATIONS * SHARE)} each, SEED=${DRAWN})`, () => {
  it.each(WITNESS_CASES.map((each) => [witnessTitle(each), each] as const))(
    "%s: facts that can be stored or are counted, or an error of a known class",
    async (_, each) => {
      const options = each.options("http://127.0.0.1:9");
      const numRuns = Math.max(10, Math.ceil((MUTATIONS * SHARE) / SEEDS.length));
      for (const seed of SEEDS) {
        const property = fc.asyncProperty(damage, async (drawn) => {
          tried++;
          await lookAtDamaged(each.type, options, drawn);
        });
        await fc.assert(property, { seed, numRuns });
      }
    },
    2_400_000,
  );
});
