import { describe, expect, it } from "vitest";
import { worseThan } from "../bench/compare.mjs";
import { figure, meetsMark } from "../bench/figure.mjs";
import { inTurn, measured, quantile } from "../bench/statistics.mjs";
import { short, tableOf } from "../bench/table.mjs";

const tick = (ours: number, theirs: number | null = 10) =>
  figure("a tick", "ms", { ours, rival: "core alone", theirs, mark: 2 });
const run = (...figures: ReturnType<typeof tick>[]) => ({ parts: { tick: { figures } } });

describe("npm run bench:check", () => {
  it.each([
    ["the ratio stayed", 20, 10, 0],
    ["both got slower alike, as on a slower machine", 200, 100, 0],
    ["the ratio is just 1.5 times worse", 30, 10, 0],
    ["the ratio is more than 1.5 times worse", 31, 10, 1],
    ["only the rival got faster", 20, 5, 1],
  ])("when %s", (_, ours, theirs, findings) => {
    expect(worseThan(run(tick(20)), run(tick(ours, theirs)))).toHaveLength(findings);
  });

  it("names part, figure, rival and both ratios", () => {
    expect(worseThan(run(tick(20)), run(tick(40)))).toEqual([
      'tick: "a tick" is 4.00 times "core alone", committed 2.00: 2.0 times worse',
    ]);
  });

  it("finds a figure that is no longer measured, but not a part that did not run or a rival that is not installed", () => {
    expect(worseThan(run(tick(20)), run())).toEqual(['tick: "a tick" is committed and was not measured']);
    expect(worseThan(run(tick(20)), { parts: {} })).toEqual([]);
    expect(worseThan(run(tick(20)), run(tick(90, null)))).toEqual([]);
  });
});

describe("the bench's table", () => {
  const report = {
    versions: { Node: "20.20.2", Redis: "7.0.15" },
    cores: 2,
    parts: {
      tick: {
        ...{ title: "The live tick", at: "2026-11-28T15:00:00.000Z", seconds: 31.2 },
        load: { before: 0.5, after: 1.25 },
        figures: [
          figure("both", "ms", {
            ours: measured([10, 12, 14]),
            rival: "core alone",
            theirs: 4,
            mark: 2,
            limit: "JSON",
          }),
          figure("no rival here", "ms", { ours: 1234.5, rival: "Prometheus", mark: 0.1 }),
          figure("alone", "commands", { ours: 7, mark: 8 }),
        ],
      },
    },
  };
  const lines = tableOf(report).split("\n");

  it.each([
    ["| both | 12 ms (10 to 14) | core alone: 4 ms | 3 | 2: missed | JSON |"],
    ["| no rival here | 1,230 ms | Prometheus: not on this machine |  |  |  |"],
    ["| alone | 7 commands |  |  | 8 commands: met |  |"],
    ["`npm run bench -- tick`: 2026-11-28T15:00Z, 31 s, load 0.5 before and 1.25 after."],
    ["Measured with Node 20.20.2, Redis 7.0.15 on 2 cores."],
  ])("says %j", (line) => {
    expect(lines).toContain(line);
  });

  it("writes numbers with three digits", () => {
    expect([0, 0.01234, 1.5, 99.95, 1234, 1_234_567, Number.NaN].map(short)).toEqual([
      ...["0", "0.0123", "1.5", "100", "1,230", "1,230,000", "-"],
    ]);
  });
});

describe("measuring", () => {
  it("takes medians and quartiles", () => {
    expect(measured([5, 1, 2, 4, 3])).toEqual({ median: 3, low: 2, high: 4, count: 5 });
    expect(quantile([], 0.5)).toBeNaN();
  });

  it("runs what is compared in turn", async () => {
    const order: string[] = [];
    const times = await inTurn({ ours: () => order.push("ours"), theirs: () => order.push("theirs") }, 2);
    expect(order).toEqual(["ours", "theirs", "ours", "theirs"]);
    expect(times.ours).toHaveLength(2);
  });

  it("has no verdict where no mark is set or the rival is not installed", () => {
    expect(meetsMark(tick(20))).toBe(true);
    expect(meetsMark(tick(21))).toBe(false);
    expect(meetsMark(tick(20, null))).toBe(null);
    expect(meetsMark(figure("x", "ms", { ours: 1 }))).toBe(null);
  });
});
