/** A replay's configuration is read without adapters where it names no source; that it is changes no verdict and no value. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfigFile } from "../../src/config/load.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { BROKEN } from "./broken-files.ts";

const options = { env: {}, offline: true };
const pools = { a: { window: "10m", regions: { KZ: 0.2, US: 0.5 } }, b: { regions: { RU: 1 } } };
const weights = "bitcoin:\n  a: {regions: {KZ: 0.3}}\n";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hf-replay-config-"));
  writeFileSync(join(folder, "weights.yaml"), weights);
  writeFileSync(join(folder, "weights.json"), '{"bitcoin": {"a": {"regions": {"KZ": 0.3}}}}');
  writeFileSync(join(folder, "bad-weights.json"), '{"bitcoin": {"a": {"regions": {"KZ": 3}}}}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the reader of every configuration makes of a text, and what a replay's does. */
async function bothWays(text: string): Promise<[whole: unknown, replay: unknown]> {
  const file = join(folder, "c.yaml");
  writeFileSync(file, text);
  const outcome = (error: unknown): string => (error as Error).message;
  const whole = await Promise.resolve()
    .then(() => parseConfig(text, { file, ...options }))
    .catch(outcome);
  return [whole, await loadConfigFile(file, options).catch(outcome)];
}

describe("the configuration of a replay", () => {
  it.each(BROKEN)("with a fault is refused in the same words: $name", async ({ text }) => {
    const [whole, replay] = await bothWays(text);
    expect(replay).toEqual(whole);
  });

  it.each([
    ["pools alone", { bitcoin: { pools } }],
    ["two networks", { bitcoin: { pools }, litecoin: { pools, blockInterval: "150s" } }],
    ["weights in YAML", { bitcoin: { weights: "weights.yaml", pools: { a: {} } } }],
    ["weights in JSON", { bitcoin: { weights: "weights.json", pools: { a: {} } } }],
    ["weights with a fault", { bitcoin: { weights: "bad-weights.json", pools: { a: {} } } }],
    ["an interval with a fault", { bitcoin: { interval: "7m", pools } }],
    ["a source", { bitcoin: { pools: { ...pools, c: { source: { type: "mempool", url: "https://a.example" } } } } }],
    ["a source of no known type", { bitcoin: { pools: { c: { source: { type: "memepool" } } } } }],
    ["a source of many", { bitcoin: { pools, sources: { mempool: { type: "mempool", pools: { A: "a" } } } } }],
    ["a witness", { bitcoin: { pools, witnesses: { ioda: { type: "ioda" } } } }],
  ])("with %s says the same as JSON and as YAML", async (_, networks) => {
    const file = { networks, server: { port: "nonsense, and not read" } };
    const texts = [JSON.stringify(file, null, 2), `# as YAML\n${JSON.stringify(file)}`];
    for (const text of texts) {
      const [whole, replay] = await bothWays(text);
      expect(replay).toEqual(whole);
    }
  });
});
