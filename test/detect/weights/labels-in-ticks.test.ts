import { describe, expect, it } from "vitest";
import type { DetectorModel } from "../../../src/detect/contract.ts";
import type { LabelSample, LabelVerdict } from "../../../src/model/label.ts";
import type { Sample } from "../../../src/model/sample.ts";
import { regional, run } from "../run.ts";
import { HOUR, INTERVAL, modelOf, START, world } from "../world.ts";

const seed = 11;
const model = modelOf();
const DAYS = 1.75;

/** A blackout of KZ that is open while people speak of it, with what they say at hours after the start. */
function* ticks(
  said: readonly { readonly hour: number; readonly verdict: LabelVerdict; readonly region?: string }[],
  id: string,
) {
  for (const { at, rows } of world({
    seed,
    days: DAYS,
    falls: [{ region: "KZ", drop: 0.75, from: 28.5, until: 90 }],
  })) {
    const labels = said.flatMap(({ hour, ...label }): LabelSample[] => {
      const when = START + hour * HOUR;
      const alert = label.verdict === "reset" ? "" : id;
      return when > at - INTERVAL && when <= at
        ? [{ kind: "label", at: when, source: "person:anna", alert, ...label }]
        : [];
    });
    yield { at, rows: [...rows, ...labels] as Sample[] };
  }
}

const silent = run(model, ticks([], ""));
const ID = regional(silent.events)[0]?.id ?? "";
const learnedAfter = (said: Parameters<typeof ticks>[0], of: DetectorModel = model) => run(of, ticks(said, ID));
const right = { hour: 33, verdict: "right" } as const;

describe(`what people say of an alert (seed ${seed})`, () => {
  const told = learnedAfter([right]);
  const view = (ran: typeof told) => ran.views.at(-1)!;

  it("is of an alert that there is", () => {
    expect(regional(silent.events)[0]).toMatchObject({ type: "opened", region: "KZ", configHash: "test" });
    expect(view(silent).learned).toBeUndefined();
  });

  it("teaches the weights of the region that fell, from the next tick on, and shows in the hash of what follows", () => {
    const { learned } = view(told);
    expect(learned).toMatchObject({ revision: 1, labels: [{ alert: ID, region: "KZ", by: "person" }] });
    expect(new Set(learned!.weights.map(({ region }) => region))).toEqual(new Set(["KZ"]));
    for (const { pool, sd } of learned!.weights) {
      const before = model.pools.find(({ id }) => id === pool)!.regions.find(({ region }) => region === "KZ")!;
      expect(sd, pool).toBeLessThan(before.sd);
    }
    const later = told.events.filter(({ at }) => Date.parse(at) > START + 33.2 * HOUR);
    for (const event of later) expect(event.configHash).toBe("test+1");
  });

  it("is learned the same by a worker whose state is read back at every tick", () => {
    const read = run(model, ticks([right], ID), { throughBytes: true });
    expect(read.events).toEqual(told.events);
    expect(Buffer.compare(read.bytes, told.bytes)).toBe(0);
  });

  it.each([
    ["taken back", [right, { hour: 33.5, verdict: "none" }], 0],
    ["said to be wrong afterwards", [right, { hour: 33.5, verdict: "wrong" }], 1],
    ["forgotten by a reset", [right, { hour: 33.5, verdict: "reset" }], 0],
  ] as const)("is undone where it is %s", (_, said, labels) => {
    const { learned } = view(learnedAfter(said));
    expect(learned).toMatchObject({ revision: 2, weights: [] });
    expect(learned!.labels).toHaveLength(labels);
  });

  it("is another region's lesson where another fell, and nobody's where the weights do not have it", () => {
    const { learned } = view(learnedAfter([{ hour: 33, verdict: "other", region: "IR" }]));
    expect(learned).toMatchObject({ labels: [{ region: "IR" }], weights: [] });
  });

  it("changes nothing where learning is off", () => {
    const off = learnedAfter([right], { ...model, detection: { ...model.detection, learnWeights: false } });
    expect(off.events).toEqual(silent.events);
    expect(view(off).learned).toBeUndefined();
  });

  it("of an alert that nobody knows is counted and teaches nothing", () => {
    const odd: Sample = {
      kind: "label",
      at: START + INTERVAL,
      source: "person:eve",
      alert: "bitcoin-region-x-1",
      verdict: "right",
    };
    const { views } = run(model, [{ at: START + INTERVAL, rows: [odd] }]);
    expect(views[0]!.rejected).toEqual({ "label-unknown-alert": 1 });
  });
});
