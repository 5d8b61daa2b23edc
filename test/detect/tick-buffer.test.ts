import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeTickBuffer } from "../../src/detect/replay/tick-buffer.ts";
import { SEED } from "../support/property-seed.ts";

const INTERVAL = 300_000;

describe("the tick buffer", () => {
  it("hands on ticks whole and in order whatever the order within two intervals", () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8], { minLength: 9, maxLength: 9 });
    fc.assert(
      fc.property(order, (keys) => {
        const buffer = makeTickBuffer(INTERVAL);
        const ticks: number[] = [];
        for (let block = 0; block < 30; block++) {
          for (const key of keys) {
            const at = (block * 3 + (key % 3) + 1) * INTERVAL;
            expect(buffer.add({ kind: "rate", at, pool: `p${key}`, hashrate: 1 })).toBe("kept");
          }
          ticks.push(...buffer.ready().map((tick) => tick.at / INTERVAL));
        }
        ticks.push(...buffer.flush().map((tick) => tick.at / INTERVAL));
        expect(ticks).toEqual(Array.from({ length: 90 }, (_, k) => k + 1));
      }),
      { seed: SEED },
    );
  });
});
