import { afterAll, beforeAll, expect, it } from "vitest";
import { startTestGateway, type TestGateway } from "../deliver/support.ts";

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway();
  await t.publisher.publish([]);
});
afterAll(() => t.stop());

it("a scrape asks Redis nothing: one that hangs keeps nobody from reading the last figures", async () => {
  const scrape = async (): Promise<string> => (await fetch(`${t.url}/metrics`)).text();
  const known = 'hashfall_region_drop_ratio{network="bitcoin",region="KZ"} 0.71';
  await expect.poll(scrape, { interval: 20 }).toContain(known);
  const pid = Number(/process_id:(\d+)/.exec(await t.redis.client().info("server"))?.[1]);
  process.kill(pid, "SIGSTOP");
  try {
    for (let i = 0; i < 20; i++) expect(await scrape()).toContain(known);
  } finally {
    process.kill(pid, "SIGCONT");
  }
});
