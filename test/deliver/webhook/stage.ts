/** What tests of webhooks stand on: a Redis for the file, and for each test a site of its own on it and a receiver. */
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { startTestRedis, type TestRedis } from "../../support/redis.ts";
import { Receiver } from "./receiver.ts";
import { TestSite } from "./replica.ts";

export interface WebhookStage {
  readonly redis: TestRedis;
  readonly site: TestSite;
  readonly receiver: Receiver;
}

/** Call it once, at the top of a file: `set` is handed a new site and receiver before each test. */
export function useWebhookStage(set: (stage: WebhookStage) => void): void {
  let redis: TestRedis;
  let stage: WebhookStage;
  let count = 0;
  beforeAll(async () => {
    redis = await startTestRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    stage = { redis, site: TestSite.on(redis, `w${count++}`), receiver: await Receiver.start() };
    set(stage);
  });
  afterEach(async () => {
    await stage.site.stop();
    stage.receiver.close();
  });
}
