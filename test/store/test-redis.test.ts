import { expect, test } from "vitest";
import { startTestRedis } from "../support/redis.ts";

test("starts, keeps what was written over a kill, and stops", async () => {
  const redis = await startTestRedis({ appendonly: true });
  const client = redis.client();
  await client.set("a", "1");
  await redis.kill();
  await redis.start();
  expect(await client.get("a")).toBe("1");
  await redis.stop();
});
