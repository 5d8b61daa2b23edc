import { mkdtempSync, rmSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { NEEDED_COMMANDS } from "../../src/store/permissions.ts";
import { statusOf } from "../support/client.ts";
import { startTestRedis } from "../support/redis.ts";
import { freePort } from "../support/redis-fleet.ts";
import { SHUTDOWN, startPools, startService, urlOf, warmUp } from "../support/service.ts";

it("the service runs as a Redis user with the named commands alone, and says which one is missing", async () => {
  const dir = mkdtempSync("/tmp/hf-acl-");
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const port = await freePort();
  const redis = await startTestRedis({ args: ["--port", String(port), "--bind", "127.0.0.1"] });
  onTestFinished(() => redis.stop());
  const pools = await startPools({ dir, networks: ["bitcoin"], seed: 1, speed: 100, start: SHUTDOWN + 10 * 60_000 });
  onTestFinished(() => pools.stop());
  const admin = redis.client();
  await warmUp(pools, admin);
  const rights = NEEDED_COMMANDS.map((command) => `+${command}`);
  await admin.acl("SETUSER", "hashfall", "on", ">secret", "~{hashfall}:*", ...rights);
  const start = (redisUrl: string) => {
    const service = startService({ pools, roles: ["poll", "detect", "serve"], redisUrl });
    onTestFinished(() => void service.child.kill("SIGKILL"));
    return service;
  };
  const service = start(`redis://hashfall:secret@127.0.0.1:${port}`);
  const url = await urlOf(service);
  await expect.poll(() => statusOf(`${url}/readyz`), { timeout: 60_000, interval: 100 }).toBe(200);
  await service.says(/"type":"opened".*"msg":"alert"/);
  expect(await service.stop()).toBe(0);
  expect(await admin.acl("LOG")).toEqual([]);

  await admin.acl("SETUSER", "hashfall", "-xadd");
  const refused = start(`redis://hashfall:secret@127.0.0.1:${port}`);
  expect(await refused.ended).toBe(1);
  expect(refused.output()).toContain("may not run xadd");
});
