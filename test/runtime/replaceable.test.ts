import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { makeReplaceable } from "../../src/runtime/replaceable.ts";

const logger = pino({ level: "silent" });

/** A part that says what it does, and that fails to start under the names given. */
function parts(broken: Set<string>) {
  const said: string[] = [];
  const waiting = new Set<() => void>();
  return {
    said,
    /** Resolves when a line was said, also one from before. */
    async saying(line: string): Promise<void> {
      while (!said.includes(line)) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    async start(name: string) {
      said.push(broken.has(name) ? `${name} fails` : `${name} starts`);
      for (const wake of waiting) wake();
      waiting.clear();
      if (broken.has(name)) throw new Error(`${name} is broken`);
      return {
        async release() {
          said.push(`${name} ends`);
        },
      };
    },
  };
}

describe("a part that is replaced while the service runs", () => {
  it("ends the old one before the new one starts, one replacement after the other", async () => {
    const { start, said } = parts(new Set());
    const part = await makeReplaceable({ first: "a", start }, { name: "part", logger });
    await Promise.all([part.replace("b"), part.replace("c")]);
    expect(part.current()).toBe("c");
    await part.stop();
    expect(said).toEqual(["a starts", "a ends", "b starts", "b ends", "c starts", "c ends"]);
  });

  it("goes back to the old options when the new ones do not start", async () => {
    const { start, said, saying } = parts(new Set(["bad"]));
    const part = await makeReplaceable({ first: "a", start }, { name: "part", logger });
    await expect(part.replace("bad")).rejects.toThrow("bad is broken");
    expect(part.current()).toBe("a");
    await saying("a starts");
    await part.stop();
    expect(said).toEqual(["a starts", "a ends", "bad fails", "a starts", "a ends"]);
  });

  it("tries the old options until they start, and a later replacement ends the trying", async () => {
    const broken = new Set<string>();
    const { start, said, saying } = parts(broken);
    const part = await makeReplaceable({ first: "a", start, retryMs: 1 }, { name: "part", logger });
    broken.add("a").add("bad");
    await expect(part.replace("bad")).rejects.toThrow();
    await saying("a fails");
    await part.replace("c");
    expect(part.current()).toBe("c");
    await part.stop();
    expect(said.slice(-2)).toEqual(["c starts", "c ends"]);
    expect(said.filter((line) => line === "a ends")).toHaveLength(1);
  });

  it("stops while the old options still do not start", async () => {
    const broken = new Set<string>();
    const { start, saying } = parts(broken);
    const part = await makeReplaceable({ first: "a", start }, { name: "part", logger });
    broken.add("a").add("bad");
    await expect(part.replace("bad")).rejects.toThrow();
    await saying("a fails");
    await part.stop();
  });
});
