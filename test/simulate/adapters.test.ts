import { afterEach, describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/load.ts";
import type { Clocks } from "../../src/model/clock.ts";
import type { Sample } from "../../src/model/sample.ts";
import { toSamples } from "../../src/poll/to-samples.ts";
import { demoConfigPath, demoConfigText } from "../../src/simulate/demo-config.ts";
import { simulateTicks } from "../../src/simulate/samples.ts";
import { SCENARIOS, scenarioNamed } from "../../src/simulate/scenarios/registry.ts";
import { startSimServer } from "../../src/simulate/server/serve.ts";
import { makePoliteHttp } from "../../src/sources/http/polite-http.ts";
import { makeTransport } from "../../src/sources/http/transport.ts";
import { makeSource } from "../../src/sources/registry.ts";
import { makeSecretReader } from "../../src/sources/secret.ts";

const TICK_MS = 300_000;
const SEED = 6;

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Everything that the demo's sources say of the ticks in (from, to], asked a moment after each tick. */
async function polled(name: string, from: number, to: number) {
  const at = { now: from };
  // Real time runs with data time: pauses between requests cost nothing.
  const clocks: Clocks = { data: { now: () => at.now }, real: { now: () => at.now }, speed: 1 };
  const server = await startSimServer({ scenario: name, seed: SEED, clocks });
  closers.push(() => server.stop());
  const sleep = async (ms: number) => {
    at.now += ms;
    return true;
  };
  const http = makePoliteHttp({ version: "0" }, { clocks, transport: makeTransport(), sleep });
  closers.push(() => http.close());
  const config = parseConfig(demoConfigText(name, server.url), { file: demoConfigPath(name), env: {} });
  const deps = { http, clock: clocks.data, secrets: makeSecretReader({}) };
  const sources = config.networks[0]!.sources.map((source) => makeSource(source, deps));
  const rows: Sample[] = [];
  const faults: string[] = [];
  for (let tick = from + TICK_MS; tick <= to; tick += TICK_MS) {
    for (const source of sources) {
      at.now = tick + 1_000;
      const outcome = await source.fetch({ signal: new AbortController().signal, now: at.now });
      if (outcome.kind === "ok") rows.push(...toSamples(source.id, outcome.rows, { tick, now: at.now }).samples);
      else if (outcome.kind === "error") faults.push(`${source.id}: ${outcome.class} ${outcome.detail}`);
    }
  }
  return { rows, faults };
}

/** Rows without their order; 32.8P is 32.8 times 1e15, which is not always 3.28e16 to the last bit. */
const rates = (rows: readonly Sample[]) =>
  rows
    .filter((row) => row.kind === "rate")
    .map((row) => ({ ...row, hashrate: Number(row.hashrate.toPrecision(10)) }))
    .map((row) => JSON.stringify(row, Object.keys(row).sort()))
    .sort();

describe("the simulator, read by the real adapters", () => {
  it.each(SCENARIOS.map(({ name }) => name))(
    "%s: a live run stores what the history and the file say",
    async (name) => {
      const scenario = scenarioNamed(name);
      const range = { from: scenario.servesFrom, to: scenario.servesFrom + 6 * TICK_MS };
      const written = [...simulateTicks(scenario, SEED, { ...range, intervalMs: TICK_MS })].flatMap(
        ({ samples }) => samples,
      );
      const { rows, faults } = await polled(name, range.from, range.to);
      expect(rates(rows)).toEqual(rates(written));
      expect(faults.filter((fault) => !/502|stale/.test(fault))).toEqual([]);
      const blocks = new Map(rows.flatMap((row) => (row.kind === "block" ? [[row.height, row] as const] : [])));
      for (const block of written.filter((row) => row.kind === "block")) {
        const { pool, difficulty, observedAt } = block;
        expect(blocks.get(block.height), `height ${block.height}`).toMatchObject({ pool, difficulty, observedAt });
      }
    },
  );
});
