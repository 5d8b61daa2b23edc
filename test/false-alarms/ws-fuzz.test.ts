import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ERROR_CODES } from "../../src/deliver/ws/protocol.ts";
import { fuzz } from "../deliver/fuzz.ts";
import { startTestGateway, TestClient, type TestGateway } from "../deliver/support.ts";

const FRAMES = 100_000;

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway();
});
afterAll(() => t.stop());

it("a hundred thousand random frames crash nothing, leak nothing, and are answered by documented codes alone", async () => {
  const seed = Number(process.env.SEED ?? randomBytes(4).readInt32LE());
  const bystander = new TestClient(t.wsUrl);
  await bystander.subscribe();
  for (let sent = 0; sent < FRAMES; sent += 10_000) {
    const { codes, closes } = await fuzz(t.wsUrl, 10_000, seed + sent);
    for (const code of codes) expect(Object.keys(ERROR_CODES), `SEED=${seed}`).toContain(code);
    for (const code of closes) expect([1000, 1003, 1005, 1007, 1009, 4400], `SEED=${seed}`).toContain(code);
  }
  bystander.send({ op: "ping", id: "still" });
  expect(await bystander.next("pong")).toMatchObject({ id: "still" });
  await bystander.close();
  while (!(await t.metrics.render()).includes("hashfall_ws_clients 0"));
});
