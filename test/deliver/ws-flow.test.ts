import { describe, expect, it } from "vitest";
import { FLOW_LIMITS, Flow } from "../../src/deliver/ws/flow.ts";
import { RateLimit } from "../../src/deliver/ws/rate-limit.ts";

const LIMITS = { ...FLOW_LIMITS, idlePingMs: 15_000 };

describe("whether a client still reads", () => {
  it("asks nothing of one that has read everything, until it was silent for a while", () => {
    const flow = new Flow(LIMITS, 0);
    expect(flow.judge(14_999, 0)).toBe("ok");
    expect(flow.judge(15_000, 0)).toBe("ping");
  });

  it("counts what was sent against pongs, not against the send buffer", () => {
    const flow = new Flow(LIMITS, 0);
    flow.sent(500);
    expect(flow.judge(1_000, 0)).toBe("ping");
    const payload = flow.nextPing(1_000);
    flow.sent(100);
    flow.pong("unasked", 1_005);
    expect(flow.unreadBytes).toBe(600);
    flow.pong(payload, 1_010);
    expect(flow.unreadBytes).toBe(100);
    expect(flow.judge(2_000, 0), "it has just shown that it reads").toBe("ok");
    expect(flow.judge(2_010, 0)).toBe("ping");
  });

  it("gives up after two missed pings in a row, within five seconds", () => {
    const flow = new Flow(LIMITS, 0);
    flow.sent(1);
    const verdicts: string[] = [];
    let at = 500;
    for (; at <= 5000 && verdicts.at(-1) !== "slow"; at += 500) {
      verdicts.push(flow.judge(at, 0));
      if (verdicts.at(-1) === "ping") flow.nextPing(at);
    }
    expect(verdicts.filter((verdict) => verdict === "ping")).toHaveLength(2);
    expect(verdicts.at(-1)).toBe("slow");
    expect(at).toBeLessThanOrEqual(5000);
  });

  it("lets a first ping wait where it may not ask, and never one after a missed one", () => {
    const flow = new Flow(LIMITS, 0);
    flow.sent(1);
    expect(flow.judge(1_000, 0, false)).toBe("ok");
    expect(flow.judge(1_250, 0)).toBe("ping");
    flow.nextPing(1_250);
    expect(flow.judge(2_700, 0, false)).toBe("ping");
    flow.nextPing(2_700);
    expect(flow.judge(4_150, 0, false)).toBe("slow");
  });

  it("takes a late pong of the first ping as proof when the second is under way", () => {
    const flow = new Flow(LIMITS, 0);
    flow.sent(1);
    const first = flow.nextPing(0);
    expect(flow.judge(1_800, 0)).toBe("ping");
    flow.nextPing(1_800);
    flow.pong(first, 2_500);
    expect(flow.judge(3_700, 0)).toBe("ping");
  });

  it.each([
    ["unsent", 1_048_577, 0],
    ["unproven behind an unanswered ping", 0, 1_048_577],
  ])("gives up at more than 1 MiB %s", (_name, buffered, unproven) => {
    const flow = new Flow(LIMITS, 0);
    flow.sent(1);
    flow.nextPing(0);
    flow.sent(unproven);
    expect(flow.judge(2_000, buffered)).toBe("slow");
  });

  it("lets whoever waits go on at a proof or at the end", async () => {
    const flow = new Flow(LIMITS, 0);
    const proof = flow.proof();
    flow.pong(flow.nextPing(0), 1);
    await proof;
    const end = flow.proof();
    flow.release();
    await end;
  });
});

describe("a limit of messages", () => {
  it("allows a burst, then a steady rate", () => {
    const limit = new RateLimit({ burst: 3, perSecond: 10 }, 0);
    expect([0, 0, 0, 0].map((at) => limit.take(at))).toEqual([true, true, true, false]);
    expect([100, 100, 150, 200].map((at) => limit.take(at))).toEqual([true, false, false, true]);
    expect(limit.take(1e9) && limit.take(1e9) && limit.take(1e9) && !limit.take(1e9)).toBe(true);
  });
});
