import { describe, expect, it } from "vitest";
import type { SourceHealth } from "../../src/model/source-health.ts";
import type { PollEvent } from "../../src/poll/events.ts";
import { healthAfter } from "../../src/poll/source-health.ts";
import type { FetchOutcome, RateObservation } from "../../src/sources/contract.ts";

const TICK = 300_000;

const html: FetchOutcome = { kind: "error", class: "format", detail: "HTML or XML instead of JSON: <html>" };

function figure(hashrate: number | null): FetchOutcome {
  const row: RateObservation = {
    kind: "rate",
    pool: "p",
    region: null,
    hashrate,
    window: { kind: "unknown", seconds: null },
    basis: "pool-reported",
    staleAfterMs: 1,
    raw: { text: "", unit: "" },
    observedAtBasis: "fetch-time",
  };
  return { kind: "ok", rows: [row], bodySha256: "" };
}

function asked(tick: number, outcome: FetchOutcome): Extract<PollEvent, { type: "asked" }> {
  const hashrate = outcome.kind === "ok" && outcome.rows[0]?.kind === "rate" ? outcome.rows[0].hashrate : undefined;
  return {
    type: "asked",
    network: "n",
    tick: tick * TICK,
    source: "s",
    result: outcome.kind,
    outcome,
    rows: typeof hashrate === "number" ? 1 : 0,
    skipped: hashrate === null ? { unknown: 1 } : {},
    tookMs: 1,
  };
}

function healthOf(...outcomes: readonly FetchOutcome[]): SourceHealth | undefined {
  let health: SourceHealth | undefined;
  outcomes.forEach((outcome, i) => {
    health = healthAfter(health, asked(i + 1, outcome));
  });
  return health;
}

describe("the health of a source", () => {
  it("one missed poll is a hiccup, two are a failure that began with the first", () => {
    expect(healthOf(figure(1), html)).toMatchObject({ state: "ok", misses: 1, class: "format", lastOkAt: TICK });
    expect(healthOf(figure(1), html, html)).toEqual({
      source: "s",
      state: "failing",
      since: 2 * TICK,
      misses: 2,
      lastOkAt: TICK,
      class: "format",
      error: "HTML or XML instead of JSON: <html>",
    });
  });

  it("one that never answered is unknown, then failing, and never fine", () => {
    expect(healthOf(html)).toMatchObject({ state: "unknown" });
    expect(healthOf(html, html)).toMatchObject({ state: "failing", since: TICK });
  });

  it.each([
    ["zero for ever", figure(0), "zero"],
    ["a figure that is not known", figure(null), "unknown"],
    ["nothing in it", { kind: "empty" } as const, "empty"],
  ])("%s is not ok", (_, outcome, reason) => {
    expect(healthOf(outcome, outcome, outcome)).toMatchObject({ state: "failing", class: reason, misses: 3 });
  });

  it("what has not changed, and a list of blocks without a new one, is an answer", () => {
    const block = { kind: "block", height: 1, difficulty: 1 } as never;
    expect(healthOf(figure(1), { kind: "not-modified" })).toMatchObject({ state: "ok", misses: 0 });
    expect(healthOf({ kind: "ok", rows: [block], bodySha256: "" })).toMatchObject({ state: "ok" });
  });

  it("an answer ends the failure", () => {
    expect(healthOf(html, html, figure(2))).toEqual({
      source: "s",
      state: "ok",
      since: 3 * TICK,
      misses: 0,
      lastOkAt: 3 * TICK,
    });
  });
});
