import { describe, expect, it } from "vitest";
import { makeCrossCheck } from "../../src/poll/cross-check.ts";
import type { FetchOutcome, Observation } from "../../src/sources/contract.ts";

interface Figure {
  readonly pool?: string;
  readonly region?: string | null;
  readonly text: string;
  readonly body?: string;
  readonly chainHeight?: number;
}

/** A source's answer with one figure; its text is the number and its unit. */
function figure({ pool = "solo", region = null, text, body = text, chainHeight }: Figure): FetchOutcome {
  const row: Observation = {
    kind: "rate",
    pool,
    region,
    hashrate: Number.parseFloat(text) * 1e15,
    window: { kind: "unknown", seconds: null },
    basis: region === null ? "pool-reported" : "server-location",
    staleAfterMs: 1,
    raw: { text, unit: "PH/s" },
    observedAtBasis: "fetch-time",
  };
  return { kind: "ok", rows: [row], bodySha256: body, ...(chainHeight === undefined ? {} : { chainHeight }) };
}

function blocks(height: number, difficulty: number): FetchOutcome {
  const row = { kind: "block", pool: "p", height, difficulty } as Observation;
  return { kind: "ok", rows: [row], bodySha256: `${height}` };
}

/** What each source's answer became: `ok`, or the class and words of the failure. */
function judged(check: ReturnType<typeof makeCrossCheck>, answers: Readonly<Record<string, FetchOutcome>>) {
  const outcomes = check(Object.entries(answers).map(([source, outcome]) => ({ source, outcome })));
  return outcomes.map((outcome) => (outcome.kind === "error" ? `${outcome.class}: ${outcome.detail}` : outcome.kind));
}

describe("two addresses of one server", () => {
  const eu = (text: string, body?: string) => figure({ region: "EU", text, ...(body ? { body } : {}) });
  const au = (text: string, body?: string) => figure({ region: "AU", text, ...(body ? { body } : {}) });

  it("that answer one body make no row for either region, and both say why", () => {
    const [first, second] = judged(makeCrossCheck(600), { eu: eu("126P"), au: au("126P") });
    expect(first).toBe(
      "semantic: its answer is also that of au: no row for solo in EU, since nobody knows whose figure it is",
    );
    expect(second).toContain("also that of eu: no row for solo in AU");
  });

  it("that are asked at different ticks are found too", () => {
    const check = makeCrossCheck(600);
    judged(check, { eu: eu("126P") });
    expect(judged(check, { au: au("126P") })).toEqual([expect.stringContaining("also that of eu")]);
  });

  it("whose bodies differ by a clock alone are one by their figure", () => {
    const answers = { eu: eu("126P", "a"), au: au("126P", "b") };
    expect(judged(makeCrossCheck(600), answers)).toEqual([
      expect.stringContaining("au"),
      expect.stringContaining("eu"),
    ]);
  });

  it("stay one while both say zero, and are two as soon as they differ", () => {
    const check = makeCrossCheck(600);
    judged(check, { eu: eu("126P"), au: au("126P") });
    expect(judged(check, { eu: eu("0", "same"), au: au("0", "same") })).not.toContain("ok");
    expect(judged(check, { eu: eu("90P"), au: au("36P") })).toEqual(["ok", "ok"]);
    expect(judged(check, { eu: eu("0", "same"), au: au("0", "same") })).toEqual(["ok", "ok"]);
  });

  it.each([
    [
      "servers of their own whose figures of few digits are alike by chance",
      { eu: eu("12P", "a"), au: au("12P", "b") },
    ],
    ["two servers that both fell to zero", { eu: eu("0", "same"), au: au("0", "same") }],
    ["a spare source of the same figure", { one: figure({ text: "126.123456" }), two: figure({ text: "126.123456" }) }],
    [
      "several pools of one document",
      { a: figure({ pool: "a", text: "1", body: "all" }), b: figure({ pool: "b", text: "2", body: "all" }) },
    ],
  ])("%s stay as they are", (_, answers) => {
    expect(judged(makeCrossCheck(600), answers)).toEqual(["ok", "ok"]);
  });

  it("a region's address that answers what the whole pool's does gives no row of the region", () => {
    const answers = { whole: figure({ text: "126P" }), eu: eu("126P") };
    expect(judged(makeCrossCheck(600), answers)).toEqual(["ok", expect.stringContaining("also that of whole")]);
  });
});

describe("the chain of a network's sources", () => {
  const MAIN = blocks(900_000, 1.5e14);

  it.each([
    ["a testnet", blocks(4_900_000, 1.5e14)],
    ["a minority fork", blocks(897_500, 9e11)],
    ["a chain that has just begun", blocks(12, 1)],
  ])("%s is said by the source that follows it, and gives no row", (_, other) => {
    const [main, said] = judged(makeCrossCheck(600), { main: MAIN, other });
    expect(main).toBe("ok");
    expect(said).toContain("semantic: it speaks of another chain than main: height");
  });

  it("of the most sources is the right one, whatever difficulty a single one claims", () => {
    const answers = { main: MAIN, spare: blocks(899_999, 1.5e14), liar: blocks(900_001, 1e20) };
    expect(judged(makeCrossCheck(600), answers)).toEqual([
      "ok",
      "ok",
      expect.stringContaining("another chain than main"),
    ]);
  });

  it("that a pool's own node states is compared by height", () => {
    const answers = {
      blocks: MAIN,
      fine: figure({ pool: "a", text: "1", chainHeight: 899_998 }),
      testnet: figure({ pool: "b", text: "2", chainHeight: 4_900_000 }),
      silent: figure({ pool: "c", text: "3" }),
    };
    expect(judged(makeCrossCheck(600), answers)).toEqual([
      "ok",
      "ok",
      "semantic: it speaks of another chain than blocks: height 4900000, not height 900000 and difficulty 1.50e+14",
      "ok",
    ]);
  });

  it.each([
    ["a few blocks behind", 899_990, 1.5e14],
    ["before and after a retarget", 900_001, 5.5e14],
  ])("%s is the same chain", (_, height, difficulty) => {
    expect(judged(makeCrossCheck(600), { main: MAIN, other: blocks(height, difficulty) })).toEqual(["ok", "ok"]);
  });

  it("a list of blocks that ends hours before another's is stale; where the interval is unknown nobody is judged", () => {
    const answers = { main: MAIN, stuck: blocks(899_900, 1.5e14) };
    expect(judged(makeCrossCheck(600), answers)[1]).toBe("stale: its newest block is 899900, 100 before main's");
    expect(judged(makeCrossCheck(undefined), answers)).toEqual(["ok", "ok"]);
  });

  it("of a source that failed since is forgotten; of one that has nothing new it is kept", () => {
    const check = makeCrossCheck(600);
    const other = blocks(4_900_000, 1e14);
    judged(check, { main: MAIN });
    expect(judged(check, { main: { kind: "not-modified" }, other })[1]).toContain("another chain");
    expect(judged(check, { main: { kind: "error", class: "dns", detail: "" }, other })[1]).toBe("ok");
  });
});
