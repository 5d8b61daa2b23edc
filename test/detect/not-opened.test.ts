/** What nearly opened says why it did not, is bounded, and is told in a bundle of its own. */
import { describe, expect, it } from "vitest";
import { forgetHeld, holdBack } from "../../src/detect/alerts/not-opened.ts";
import { readBundle } from "../../src/detect/evidence/recompute.ts";
import type { TickContext } from "../../src/detect/state/tick-context.ts";
import { run } from "./run.ts";
import { modelOf, world } from "./world.ts";

const contextAt = (at: number): TickContext => ({ at, state: { notOpened: [] } }) as unknown as TickContext;
const region = (name: string) => ({ scope: "region", region: name, pool: null }) as const;
const held = { reason: "levels", score: 9, needed: 8 } as const;

describe("the list of what did not open", () => {
  it("counts the same within hours as one, with the most that it reached", () => {
    const context = contextAt(1_000_000);
    holdBack(context, { ...region("KZ"), ...held });
    const later = { ...context, at: 1_300_000 };
    holdBack(later, { ...region("KZ"), ...held, score: 11 });
    expect(context.state.notOpened).toEqual([
      { ...region("KZ"), ...held, score: 11, firstAt: 1_000_000, lastAt: 1_300_000, ticks: 2 },
    ]);
  });

  it("keeps the newest of each scope, and no more than some", () => {
    const context = contextAt(0);
    holdBack(context, { scope: "network", region: null, pool: null, ...held });
    for (let k = 1; k <= 40; k++) holdBack({ ...context, at: k * 1000 }, { ...region(`R${k}`), ...held });
    const { notOpened } = context.state;
    expect(notOpened.filter(({ scope }) => scope === "network")).toHaveLength(1);
    expect(notOpened.filter(({ scope }) => scope === "region")).toHaveLength(16);
    expect(notOpened.at(-1)!.region).toBe("R40");
  });

  it("loses what opened after all", () => {
    const context = contextAt(5000);
    holdBack(context, { ...region("KZ"), ...held });
    forgetHeld(context, region("KZ"));
    expect(context.state.notOpened).toEqual([]);
  });
});

describe("a fall that is held back", () => {
  it("of one pool for less than half an hour says that it did not last", () => {
    const trouble = (id: string, hour: number): number => (id === "foxtrot" && hour >= 30 && hour < 30.3 ? 0.65 : 1);
    const { events, heldBack } = run(modelOf(), world({ seed: 92, days: 1.4, trouble }));
    expect(events).toEqual([]);
    const bundle = readBundle(heldBack.at(-1)!);
    expect(bundle.kind === "not-opened" && bundle.entries).toContainEqual(
      expect.objectContaining({ scope: "pool", pool: "foxtrot", region: null, reason: "patience" }),
    );
  });
});
