import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatSampleLine, parseSampleLine } from "../../src/model/sample-line.ts";
import { SEED } from "../support/property-seed.ts";

describe("a line of a sample", () => {
  it("is read back as what was written", () => {
    const sample = fc.record({
      kind: fc.constant("rate" as const),
      at: fc.integer({ min: 0, max: 4e12 }).map((at) => at - (at % 1000)),
      pool: fc.string({ minLength: 1, maxLength: 64 }),
      hashrate: fc.double({ min: 0, max: 1e22, noNaN: true }),
    });
    fc.assert(
      fc.property(sample, (value) => {
        const read = parseSampleLine(formatSampleLine(value, { network: "bitcoin" }));
        expect(read).toEqual({
          ok: true,
          sample: value.hashrate === 0 ? { ...value, hashrate: 0 } : value,
          network: "bitcoin",
        });
      }),
      { seed: SEED },
    );
    const tick = parseSampleLine('{"at":"2022-01-05T10:30:00Z","tick":true}');
    expect(tick).toEqual({ ok: true, sample: { kind: "tick", at: Date.UTC(2022, 0, 5, 10, 30) } });
  });
});
