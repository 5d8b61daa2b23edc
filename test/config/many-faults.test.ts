/** A file of very many keys: a service that reads it again while it runs must not stand still for it. */
import { beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../src/config/load.ts";

function keys(count: number): string {
  const pools = Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, { x: 1 }]));
  return JSON.stringify({ networks: { bitcoin: { interval: "5m", pools } } });
}

/** Processor time to refuse a file, ms. */
function refusal(text: string): { readonly ms: number; readonly message: string } {
  const before = process.cpuUsage();
  try {
    parseConfig(text, { file: "many.yaml", env: {} });
  } catch (error) {
    const { user, system } = process.cpuUsage(before);
    return { ms: (user + system) / 1000, message: (error as Error).message };
  }
  throw new Error("the file was accepted");
}

describe("a configuration of 30,000 faults", () => {
  let long: ReturnType<typeof refusal>;
  let short: ReturnType<typeof refusal>;
  beforeAll(() => {
    refusal(keys(2_000));
    short = refusal(keys(7_500));
    long = refusal(keys(30_000));
  });

  it("is refused in time that grows with its length, not with its square", () => {
    // Four times the keys: 4 times the time, and 16 times if each key were compared with all others.
    expect(long.ms / short.ms).toBeLessThan(9);
  });

  it("is told in a few lines", () => {
    expect(long.message.length).toBeLessThan(20_000);
    expect(long.message.split("\n")).toHaveLength(51);
  });

  it("with a key of 100,000 characters is told in a short line", () => {
    const { message } = refusal(`{"networks": {"bitcoin": {"${"k".repeat(100_000)}": 1}}}`);
    expect(message.length).toBeLessThan(5_000);
  });
});
