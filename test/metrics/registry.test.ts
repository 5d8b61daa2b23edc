import { describe, expect, it } from "vitest";
import { MetricsRegistry } from "../../src/metrics/registry.ts";

const fresh = () => new MetricsRegistry({ nodeMetrics: false });

describe("the text of metrics", () => {
  it("is Prometheus' text format, in the order in which they were declared and first written", async () => {
    const registry = fresh();
    const jobs = registry.gauge("jobs", "Jobs by state.", ["queue", "state"]);
    const polls = registry.counter("polls_total", "Polls.", ["source"]);
    polls.inc({ source: "b" });
    polls.inc({ source: "a" }, 2.5);
    polls.inc({ source: "b" });
    jobs.set({ queue: "detect", state: "waiting" }, 0);
    expect(await registry.render()).toBe(
      [
        "# HELP jobs Jobs by state.",
        "# TYPE jobs gauge",
        'jobs{queue="detect",state="waiting"} 0',
        "# HELP polls_total Polls.",
        "# TYPE polls_total counter",
        'polls_total{source="b"} 2',
        'polls_total{source="a"} 2.5',
        "",
      ].join("\n"),
    );
  });

  it("adds a histogram's buckets up, a value on a bound counted below it", async () => {
    const registry = fresh();
    const took = registry.histogram("took_seconds", "Time.", [0.1, 1], ["stage"]);
    for (const value of [0.05, 0.1, 0.5, 7]) took.observe({ stage: "one" }, value);
    expect((await registry.render()).split("\n").slice(2, -1)).toEqual([
      'took_seconds_bucket{le="0.1",stage="one"} 2',
      'took_seconds_bucket{le="1",stage="one"} 3',
      'took_seconds_bucket{le="+Inf",stage="one"} 4',
      'took_seconds_sum{stage="one"} 7.65',
      'took_seconds_count{stage="one"} 4',
    ]);
  });

  it("escapes what a label's value and a help may hold", async () => {
    const registry = fresh();
    registry.gauge("odd", "A \\ and\na new line.", ["name"]).set({ name: 'a "b" \\ c\nd' }, 1);
    const [help, , line] = (await registry.render()).split("\n");
    expect(help).toBe("# HELP odd A \\\\ and\\na new line.");
    expect(line).toBe('odd{name="a \\"b\\" \\\\ c\\nd"} 1');
  });

  it.each([[["a", "bc"]], [["ab", "c"]]])(
    "keeps labels apart that only read the same together: %j",
    async ([first, second]) => {
      const registry = fresh();
      const gauge = registry.gauge("g", "G.", ["x", "y"]);
      gauge.set({ x: "a", y: "bc" }, 1);
      gauge.set({ x: "ab", y: "c" }, 2);
      expect(await registry.render()).toContain(`g{x="${first}",y="${second}"}`);
    },
  );

  it("says 0 of a counter and a histogram without labels, and nothing of a gauge that nobody has measured", async () => {
    const registry = fresh();
    registry.counter("c_total", "C.");
    registry.histogram("h", "H.", [1]);
    const gauge = registry.gauge("g", "G.");
    const lines = async () => (await registry.render()).split("\n").filter((line) => /^\w/.test(line));
    expect(await lines()).toEqual(["c_total 0", 'h_bucket{le="1"} 0', 'h_bucket{le="+Inf"} 0', "h_sum 0", "h_count 0"]);
    gauge.set({}, 3);
    expect(await lines()).toContain("g 3");
    gauge.set({}, Number.NaN);
    expect(await lines()).toHaveLength(5);
  });

  it("refuses what would make a counter go back, what is no figure, and a name that is taken", () => {
    const registry = fresh();
    const counter = registry.counter("c_total", "C.", ["x"]);
    for (const by of [-1, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => counter.inc({ x: "" }, by)).toThrow();
    const histogram = registry.histogram("h", "H.", [1], ["x"]);
    expect(() => histogram.observe({ x: "" }, Number.NaN)).toThrow();
    expect(() => registry.gauge("h", "H.")).toThrow(/already been registered/);
  });

  it("forgets one label set, or all", async () => {
    const registry = fresh();
    const gauge = registry.gauge("g", "G.", ["x"]);
    for (const x of ["a", "b", "c"]) gauge.set({ x }, 1);
    gauge.remove({ x: "b" });
    expect(await registry.render()).not.toContain('x="b"');
    gauge.clear();
    expect(await registry.render()).toBe("# HELP g G.\n# TYPE g gauge\n");
  });
});
