import { describe, expect, it, onTestFinished } from "vitest";
import { parseConfig } from "../../src/config/load.ts";
import { causeHint } from "../../src/detect/alerts/causes.ts";
import type { Clocks } from "../../src/model/clock.ts";
import type { Fact } from "../../src/model/fact.ts";
import { demoConfigPath, demoConfigText } from "../../src/simulate/demo-config.ts";
import { scenarioNamed } from "../../src/simulate/scenarios/registry.ts";
import { startSimServer } from "../../src/simulate/server/serve.ts";
import { makePoliteHttp } from "../../src/sources/http/polite-http.ts";
import { makeTransport } from "../../src/sources/http/transport.ts";
import { makeSecretReader } from "../../src/sources/secret.ts";
import { makeWitness } from "../../src/sources/witness/registry.ts";

const SHUTDOWN = Date.parse("2022-01-05T10:30:00Z");
const HOUR_MS = 3_600_000;

/** What the demo's witness says at some moments of a scenario, by moment. */
async function saidAt(scenario: string, moments: readonly number[]): Promise<(readonly Fact[])[]> {
  const at = { now: moments[0] ?? 0 };
  const clocks: Clocks = { data: { now: () => at.now }, real: { now: () => at.now }, speed: 1 };
  const server = await startSimServer({ scenario, seed: 6, clocks, start: at.now });
  onTestFinished(() => server.stop());
  const http = makePoliteHttp({ version: "0" }, { clocks, transport: makeTransport(), sleep: async () => true });
  onTestFinished(() => http.close());
  const config = parseConfig(demoConfigText(scenario, server.url), { file: demoConfigPath(scenario), env: {} });
  const [network] = config.networks;
  expect(network?.witnesses?.map(({ id, url }) => [id, url])).toEqual([["ioda", `${server.url}/ioda`]]);
  const witness = makeWitness(network!.witnesses![0]!, { http, clock: clocks.data, secrets: makeSecretReader({}) });
  const said: (readonly Fact[])[] = [];
  for (const moment of moments) {
    at.now = moment;
    const outcome = await witness.look({ signal: new AbortController().signal, now: moment });
    if (outcome.kind !== "ok") throw new Error(`${outcome.kind}: ${JSON.stringify(outcome)}`);
    said.push(outcome.facts);
  }
  return said;
}

const ratios = (facts: readonly Fact[], region: string): number[] =>
  facts.flatMap((fact) => (fact.kind === "connectivity" && fact.region === region ? [fact.ratio] : []));

describe("the simulated IODA", () => {
  it("shows the shutdown of Kazakhstan to the real adapter, and nothing before it or elsewhere", async () => {
    const [before, soon, later] = await saidAt("kazakhstan-2022", [
      SHUTDOWN - HOUR_MS,
      SHUTDOWN + HOUR_MS / 2,
      SHUTDOWN + HOUR_MS,
    ]);
    expect(ratios(before!, "KZ")).toHaveLength(2);
    for (const ratio of [...ratios(before!, "KZ"), ...ratios(later!, "RU"), ...ratios(later!, "US")]) {
      expect(ratio).toBeGreaterThan(0.98);
    }
    expect(Math.min(...ratios(soon!, "KZ"))).toBeLessThan(0.9);
    expect(Math.min(...ratios(later!, "KZ"))).toBeLessThan(0.35);
    const why: unknown = expect.stringMatching(/^IODA: KZ/);
    expect(causeHint(later!, "KZ", SHUTDOWN)).toMatchObject({ hint: "connectivity", why });
    expect(causeHint(before!, "KZ", SHUTDOWN)).toMatchObject({ hint: "unknown" });
    expect(causeHint(later!, "RU", SHUTDOWN)).toMatchObject({ hint: "unknown" });
  });

  it.each(["crackdown-2022", "calm"])("%s: the internet has no part in it", async (name) => {
    const { servesFrom, endsAt } = scenarioNamed(name);
    const moments = [0.25, 0.5, 0.75].map((part) => Math.round(servesFrom + part * Math.min(endsAt - servesFrom, 5e8)));
    const said = (await saidAt(name, moments)).flat();
    expect(said.length).toBeGreaterThan(10);
    for (const fact of said) expect(fact).toMatchObject({ kind: "connectivity", ratio: expect.closeTo(1, 1) });
  });
});
