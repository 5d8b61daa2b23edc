/** States of earlier releases, whose fields had other names, are read as what they are. */
import { describe, expect, it } from "vitest";
import { createDetector } from "../../src/detect/detector.ts";
import { emptyAlert } from "../../src/detect/state/alert-state.ts";
import { modelOf, START, world } from "./world.ts";

/** New names of fields by their old ones, as they stand in the text of an encoded state. */
const OLD_NAMES: readonly (readonly [now: string, before: string])[] = [
  ["networkTicks", "wideTicks"],
  ["networkFalls", "dips"],
  ["networkFallTicks", "dipTicks"],
  ["published", "said"],
  ["heardAt", "saidAt"],
];

/** The same state as an earlier release wrote it: "HFS1" | u32 length of the head | head | numbers from a multiple of 8 on. */
function withOldNames(bytes: Uint8Array): Uint8Array {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  let text = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  for (const [now, before] of OLD_NAMES) text = text.replaceAll(`"${now}":`, `"${before}":`);
  const head = new TextEncoder().encode(text);
  const numbers = bytes.subarray(Math.ceil((8 + length) / 8) * 8);
  const start = Math.ceil((8 + head.length) / 8) * 8;
  const old = new Uint8Array(start + numbers.length);
  old.set(bytes.subarray(0, 4));
  new DataView(old.buffer).setUint32(4, head.length, true);
  old.set(head, 8);
  old.set(numbers, start);
  return old;
}

describe("a state whose fields have the names of an earlier release", () => {
  const detector = createDetector(modelOf());
  let state = detector.initial();
  for (const tick of world({ seed: 3, days: 0.1 })) state = detector.advance(state, tick).state;
  const alert = { ...emptyAlert("bitcoin-region-20220101T0000Z-1", START, "fast"), leading: "KZ" };
  alert.published = { ...alert.published, lost: 7e18 };
  state.alerts.push(alert);
  state.withheld.push({ ...alert, id: "bitcoin-region-20220101T0000Z-2" });
  state.networkFalls.push({ onset: START, ramp: 1, drop: 0.2, since: START });
  state.networkFallTicks = 2;
  state.networkTicks = 1;
  const price = { kind: "price", usd: 40_000, of: ["kraken"], at: START } as const;
  state.witnesses.push({ key: "tickers|price", heardAt: START, newest: price, telling: price });
  const bytes = detector.encode(state);
  const old = withOldNames(bytes);

  it("differs from one with the names of now in every name", () => {
    const text = new TextDecoder().decode(old);
    for (const [now, before] of OLD_NAMES) {
      expect(text).toContain(`"${before}":`);
      expect(text).not.toContain(`"${now}":`);
    }
  });

  it("is read, and written again byte for byte with the names of now", () => {
    expect(detector.encode(detector.decode(old))).toEqual(bytes);
  });
});
