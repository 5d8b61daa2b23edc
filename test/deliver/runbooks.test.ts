import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT } from "../house/source-files.ts";
import { startTestGateway, type TestGateway } from "./support.ts";

const rules = readFileSync(join(ROOT, "config/prometheus/rules/hashfall-alerts.yml"), "utf8");
const ALERTS = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = ""]) => name);

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway();
});
afterAll(() => t.stop());

describe("/runbooks", () => {
  it("has a section for every alert of the rules", async () => {
    expect(ALERTS.length).toBeGreaterThan(10);
    for (const name of ALERTS) {
      const answer = await fetch(`${t.url}/runbooks/${name}`);
      expect([name, answer.status]).toEqual([name, 200]);
      expect((await answer.text()).startsWith(`### ${name}\n`)).toBe(true);
    }
  });

  it.each(["Nothing", "..%2f..%2fbitcoin.yaml", "constructor"])(
    "answers 404 for %s, and names those there are",
    async (name) => {
      const answer = await fetch(`${t.url}/runbooks/${name}`);
      expect(answer.status).toBe(404);
      expect(await answer.text()).toContain("HashfallRegionFell");
    },
  );
});
