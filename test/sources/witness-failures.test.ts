/** Whatever an upstream does, each witness gives one outcome of the closed list, throws nothing and makes no finding of it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Fact, factFault } from "../../src/model/fact.ts";
import { ERROR_CLASSES } from "../../src/sources/contract.ts";
import type { PoliteHttp } from "../../src/sources/http/contract.ts";
import { makeSecretReader } from "../../src/sources/secret.ts";
import { makeWitness } from "../../src/sources/witness/registry.ts";
import { NONSENSE, TROUBLES } from "./troubles.ts";
import { configOf, type Handler, hastyHttp, NOW, startUpstream, type Upstream } from "./upstream.ts";
import { healthyWitnesses, WITNESS_CASES, witnessTitle } from "./witness-cases.ts";

/** What a fact says beyond what is as always: it must not come from nonsense. */
function isTelling(fact: Fact): boolean {
  switch (fact.kind) {
    case "connectivity":
      return fact.ratio !== 1;
    case "outage":
      return true;
    case "grid":
      return (fact.emergencyLevel ?? 0) > 0 || (fact.usdPerMegawattHour ?? 0) > 0;
    case "price":
      return true;
    case "miners":
      return true;
  }
}

describe.each(WITNESS_CASES.map((each) => [witnessTitle(each), each] as const))("%s", (_, each) => {
  let upstream: Upstream;
  let http: PoliteHttp;
  beforeAll(async () => {
    upstream = await startUpstream();
  });
  afterEach(() => http.close());
  afterAll(() => upstream.close());

  const look = (handler: Handler, more: { timeoutMs?: number; allowPrivate?: boolean } = {}) => {
    upstream.answer(handler);
    http = hastyHttp();
    const config = configOf(each.type, upstream.url, { options: each.options(upstream.url), ...more });
    const deps = { http, clock: { now: () => NOW }, secrets: makeSecretReader({ TOKEN: "sentinel" }) };
    return makeWitness(config, deps).look({ signal: new AbortController().signal, now: NOW });
  };

  it("is understood when it is well", async () => {
    expect(await look(healthyWitnesses())).toMatchObject({ kind: "ok", facts: expect.arrayContaining([]) });
    expect(upstream.asked.at(-1)?.headers["user-agent"]).toMatch(/^hashfall\//);
  });

  it.each(TROUBLES.map((trouble) => [trouble.name, trouble] as const))("%s", async (_, trouble) => {
    const { timeoutMs } = trouble;
    const outcome = await look(trouble.handler(healthyWitnesses), timeoutMs === undefined ? {} : { timeoutMs });
    const result = outcome.kind === "error" ? outcome.class : outcome.kind;
    expect([result, outcome.kind === "error" ? outcome.detail : ""]).toEqual([trouble.expected, expect.any(String)]);
    trouble.more?.(outcome);
  });

  it.each(NONSENSE)("%s as every figure", async (_, text) => {
    let spoilt = 0;
    const spoil = (body: string) =>
      body.replaceAll(each.figures, () => {
        spoilt += 1;
        return text;
      });
    const outcome = await look(healthyWitnesses(spoil));
    expect(spoilt).toBeGreaterThan(0);
    if (outcome.kind === "ok") {
      expect(outcome.facts.map(factFault)).toEqual(outcome.facts.map(() => null));
      expect(outcome.facts.filter(isTelling)).toEqual([]);
    } else {
      expect(outcome.kind).toBe("error");
      expect(ERROR_CLASSES).toContain(outcome.kind === "error" ? outcome.class : "");
    }
  });

  it("a private address, where the configuration does not allow it", async () => {
    const before = upstream.asked.length;
    const outcome = await look(healthyWitnesses(), { allowPrivate: false });
    expect(outcome).toMatchObject({ class: "connect", detail: expect.stringContaining("private") });
    expect(upstream.asked.length).toBe(before);
  });
});
