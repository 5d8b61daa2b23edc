import { describe, expect, it } from "vitest";
import type { BlockSample } from "../../src/model/sample.ts";
import { makeNewBlocks } from "../../src/poll/new-blocks.ts";

const TICK = Date.UTC(2026, 0, 1, 12);

describe("blocks that a source lists", () => {
  it("are told once, and the memory of them is bounded", () => {
    const fresh = makeNewBlocks();
    const block = (height: number): BlockSample => ({ kind: "block", at: TICK, pool: "p", height, difficulty: 1 });
    expect(fresh("a", [block(1), block(2)]).length).toBe(2);
    expect(fresh("a", [block(2), block(3)])).toEqual([block(3)]);
    expect(fresh("b", [block(2)]).length).toBe(1);
    fresh(
      "a",
      Array.from({ length: 500 }, (_, i) => block(100 + i)),
    );
    expect(fresh("a", [block(599)])).toEqual([]);
    expect(fresh("a", [block(1)]).length).toBe(1);
  });

  it("are passed on when a reorganisation put one in the place of another, and the first when it comes back", () => {
    const fresh = makeNewBlocks();
    const block = (pool: string, observedAt: number): BlockSample => {
      return { kind: "block", at: TICK, pool, height: 7, difficulty: 1, observedAt };
    };
    expect(fresh("a", [block("p", TICK - 5)])).toEqual([block("p", TICK - 5)]);
    expect(fresh("a", [block("q", TICK - 3)])).toEqual([block("q", TICK - 3)]);
    expect(fresh("a", [block("q", TICK - 3)])).toEqual([]);
    expect(fresh("a", [block("p", TICK - 5)])).toEqual([block("p", TICK - 5)]);
  });
});
