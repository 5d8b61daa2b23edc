import { describe, expect, it } from "vitest";
import { createDetector } from "../../src/detect/detector.ts";
import type { Sample } from "../../src/model/sample.ts";
import { opened, regional, run } from "./run.ts";
import { HOUR, modelOf, START, world } from "./world.ts";

const FALL = { region: "KZ", drop: 0.8, from: 40.3, until: 60 } as const;
const signal = (region: string, at: number): Sample => ({
  kind: "witness",
  at,
  source: "ioda",
  fact: { kind: "connectivity", region, signal: "BGP visibility", ratio: 0.4, at },
});
/** KZ cut off from the fall on; RU, which did not fall, as well. */
const ticks = [...world({ seed: 5, days: 2.5, falls: [FALL] })].map(({ at, rows }) => ({
  at,
  rows: at >= START + FALL.from * HOUR ? [...rows, signal("KZ", at), signal("RU", at)] : rows,
}));

/** State bytes as a version without witnesses wrote them. */
function withoutWitnesses(bytes: Uint8Array): Uint8Array {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Record<string, unknown>;
  const { witnesses: _, ...older } = head;
  const text = new TextEncoder().encode(JSON.stringify(older));
  const numbers = bytes.subarray(Math.ceil((8 + length) / 8) * 8);
  const start = Math.ceil((8 + text.length) / 8) * 8;
  const result = new Uint8Array(start + numbers.length);
  result.set(bytes.subarray(0, 4));
  new DataView(result.buffer).setUint32(4, text.length, true);
  result.set(text, 8);
  result.set(numbers, start);
  return result;
}

describe("what the state keeps of witnesses", () => {
  const model = modelOf();
  const some = run(model, ticks.slice(0, 500));

  it("is empty in a state of before there were any, which goes on all the same", () => {
    const detector = createDetector(model);
    expect(detector.decode(some.bytes).witnesses.map(({ key }) => key)).toEqual([
      "ioda|connectivity|KZ|BGP visibility",
      "ioda|connectivity|RU|BGP visibility",
    ]);
    const older = detector.decode(withoutWitnesses(some.bytes));
    expect(older.witnesses).toEqual([]);
    const [next] = ticks.slice(500);
    expect(detector.advance(older, next!).state.witnesses).toHaveLength(2);
  });

  it("outlives a change of pools", () => {
    const fewer = createDetector({ ...model, pools: model.pools.slice(1) });
    expect(fewer.decode(some.bytes).witnesses).toHaveLength(2);
  });
});

describe("an alert that names no region", () => {
  it("is explained by a likely candidate that a witness speaks of, and by no other region", () => {
    const model = modelOf(undefined, { detection: { ...modelOf().detection, witnesses: "explain" } });
    const pools = model.pools.map((pool) => ({
      ...pool,
      regions: pool.regions.flatMap((each) =>
        each.region === "KZ"
          ? ["KZ", "UZ"].map((region) => ({ region, weight: each.weight / 2, sd: each.sd / 2 }))
          : [each],
      ),
    }));
    const { events } = run({ ...model, pools }, ticks);
    expect(opened(events)[0]).toMatchObject({ region: null, ambiguous: true });
    expect(regional(events).length).toBeGreaterThan(0);
    for (const { cause } of regional(events)) expect(cause?.why).toMatch(/^IODA: KZ/);
  });
});
