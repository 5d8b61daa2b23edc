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

  it("asks once and waits for the answer: a slow line, and a client that is busy for seconds, are no slow readers", () => {
    const flow = new Flow(LIMITS, 0);
    flow.sent(1000);
    expect(flow.judge(1_000, 0)).toBe("ping");
    const payload = flow.nextPing(1_000);
    for (let at = 1_250; at < 60_000; at += 250) expect(flow.judge(at, 0), `at ${at} ms`).toBe("ok");
    flow.pong(payload, 60_500);
    expect(flow.judge(60_750, 0)).toBe("ok");
  });

  it("gives up a minute after a ping that nobody answers", () => {
    const flow = new Flow(LIMITS, 0);
    flow.nextPing(15_000);
    expect(flow.judge(74_999, 0)).toBe("ok");
    expect(flow.judge(75_000, 0)).toBe("slow");
  });

  it("lets a ping wait where it may not ask", () => {
    const flow = new Flow(LIMITS, 0);
    flow.sent(1);
    expect(flow.judge(1_000, 0, false)).toBe("ok");
    expect(flow.judge(1_250, 0)).toBe("ping");
  });

  it.each([
    ["unsent", 1_048_577, 0],
    ["unproven behind an unanswered ping", 0, 1_048_577],
  ])("gives up when more than 1 MiB lies %s for five seconds", (_name, buffered, unproven) => {
    const flow = new Flow(LIMITS, 0);
    flow.nextPing(0);
    flow.sent(unproven);
    expect(flow.judge(2_000, buffered)).toBe("ok");
    expect(flow.judge(6_999, buffered)).toBe("ok");
    expect(flow.judge(7_000, buffered)).toBe("slow");
  });

  it("counts the five seconds anew at each proof: a large snapshot on a slow line arrives", () => {
    const flow = new Flow(LIMITS, 0);
    flow.sent(3_000_000);
    for (let at = 1_000; at < 40_000; at += 4_000) {
      const payload = flow.nextPing(at);
      flow.sent(3_000_000);
      expect(flow.judge(at + 3_999, 0), `at ${at} ms`).toBe("ok");
      flow.pong(payload, at + 4_000);
    }
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
