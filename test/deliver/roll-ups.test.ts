import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestGateway, type TestGateway, TICK } from "./support.ts";

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway();
  await t.publisher.publish([]);
  while (!(await (await fetch(`${t.url}/api/v1/networks`)).text()).includes('"at"'));
});
afterAll(() => t.stop());

async function get<T = { items: Record<string, unknown>[] }>(path: string): Promise<T> {
  return (await (await fetch(`${t.url}/api/v1${path}`)).json()) as T;
}

describe("roll-ups", () => {
  it("a country that is known by its subdivisions is said beside them, marked as their sum", async () => {
    const { items } = await get("/regions?region=US");
    expect(items).toEqual([
      expect.objectContaining({ region: "US-TX" }),
      {
        network: "bitcoin",
        region: "US",
        rollUp: true,
        of: ["US-TX"],
        expected: 1e19,
        at: expect.any(String),
        pools: [{ pool: "antpool", weight: 0.15, sd: 0.0375 }],
      },
    ]);
    expect(items[0]).not.toHaveProperty("rollUp");
    expect((await get("/regions?region=US-TX")).items.map(({ region }) => region)).toEqual(["US-TX"]);
    const whole = (await get("/regions")).items.filter(({ rollUp }) => rollUp !== true);
    expect(whole.map(({ region }) => region)).not.toContain("US");
  });

  it("of a country that is known by its subdivisions is their sum, and says so", async () => {
    const span = `from=${new Date(TICK).toISOString()}&to=${new Date(TICK + 3_600_000).toISOString()}`;
    const whole = await get<Record<string, unknown>>(`/history?region=US&${span}`);
    const part = await get<Record<string, unknown>>(`/history?region=US-TX&${span}`);
    expect(whole).toEqual({ ...part, rollUp: true, of: ["US-TX"] });
    expect((part.items as unknown[]).length).toBeGreaterThan(0);
    expect(part).not.toHaveProperty("rollUp");
  });
});
