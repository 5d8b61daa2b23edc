import { describe, expect, it, onTestFinished, vi } from "vitest";
import { parseConfig } from "../../../src/config/load.ts";
import { ConfigError } from "../../../src/config/reading/faults.ts";
import type { WebhookConfig } from "../../../src/config/resolve/resolved.ts";
import { retryWaitMs } from "../../../src/deliver/webhook/retry-wait.ts";
import { WebhookSender } from "../../../src/deliver/webhook/send.ts";
import { startTracing } from "../../../src/tracing/start.ts";
import { SILENT } from "../../store/helpers.ts";
import { startCollector } from "../../support/otlp.ts";
import type { TestRedis } from "../../support/redis.ts";
import type { Receiver } from "./receiver.ts";
import { eventually, outage, SECRET, type TestSite, webhookConfig } from "./replica.ts";
import { useWebhookStage } from "./stage.ts";

let redis: TestRedis;
let site: TestSite;
let receiver: Receiver;
useWebhookStage((stage) => {
  ({ redis, site, receiver } = stage);
});

describe("addresses", () => {
  const refused = async (part: Partial<WebhookConfig> & { url: string }, lookup?: string): Promise<string> => {
    const sender = new WebhookSender(
      lookup === undefined
        ? {}
        : {
            lookup: (_name, _options, done) => done(null, [{ address: lookup, family: lookup.includes(":") ? 6 : 4 }]),
          },
    );
    const webhook = webhookConfig({ allowPrivate: false, ...part });
    try {
      await sender.send({ webhook, id: "a-1", message: { kind: "http", body: "{}" }, now: Date.now() });
      return "sent";
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    } finally {
      await sender.close();
    }
  };

  it.each([
    ["https://127.0.0.1/", "127.0.0.1 is a private address"],
    ["https://[::1]/", "::1 is a private address"],
    ["https://169.254.169.254/latest", "169.254.169.254 is a private address"],
    ["https://2130706433/", "127.0.0.1 is a private address"],
    ["http://198.51.100.7/", "only https is allowed"],
  ])("%s is refused", async (url, why) => {
    expect(await refused({ url })).toBe(why);
  });

  it.each(["10.0.0.1", "127.0.0.1", "::ffff:192.168.1.1", "fd00::1"])("a name at %s is refused", async (address) => {
    expect(await refused({ url: "https://receiver.example/" }, address)).toContain("private address");
    expect(receiver.received).toEqual([]);
  });

  it("of one's own network are allowed where the webhook says so", async () => {
    expect(await refused({ url: receiver.url, allowPrivate: true })).toBe("sent");
  });
});

describe("a secret", () => {
  it("is in no log, metric, trace, error, dead letter or key of Redis, also when the receiver echoes everything", async () => {
    const collector = await startCollector();
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url);
    vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "10");
    const tracing = await startTracing({ version: "1", instance: "serve" }, { env: process.env, logger: SILENT });
    onTestFinished(async () => {
      vi.unstubAllEnvs();
      await tracing.stop();
      await collector.stop();
    });
    const token = "sentinel-token-of-the-chat";
    const key = `whsec_${Buffer.from("sentinel secret of 32 bytes......").toString("base64")}`;
    const authorization = "Bearer sentinel-bearer";
    const url = `${receiver.url}/services/${token}?key=sentinel-query`;
    const echo = [url, `/services/${token}?key=sentinel-query`, key, key.slice(6), authorization, token].join(" ");
    receiver.answers = Array.from({ length: 4 }, () => (response) => void response.writeHead(500).end(echo));
    receiver.answers.push("hang-up", (response) => void response.writeHead(410).end(echo));
    const replica = site.replica([webhookConfig({ url, secrets: [key], authorization })], { tracing });
    await replica.begun();
    await site.publish(outage());
    const letters = await eventually(
      () => replica.queue.deadLetters.list(10),
      ({ length }) => length > 0,
    );
    expect(receiver.received.length).toBe(6);
    const client = redis.client();
    const kept: string[] = [];
    for (const name of await client.keys(`{${site.keyTag}}*`)) {
      const dump = await client.dump(name);
      kept.push(name, dump ?? "");
      if ((await client.type(name)) === "hash") kept.push(JSON.stringify(await client.hgetall(name)));
    }
    await collector.until((spans) => spans.filter(({ isError }) => isError).length >= 6);
    const seen = [
      replica.logged(),
      JSON.stringify(letters),
      await replica.metrics.render(),
      JSON.stringify(collector.requests),
      ...kept,
    ].join("\n");
    expect(seen).toContain("the receiver answered 500");
    expect(seen).toContain("[redacted]");
    expect(seen).not.toContain("sentinel");
    expect(seen).not.toContain(key.slice(6, 30));
  });
});

describe("a silence", () => {
  const mute = (replica: ReturnType<TestSite["replica"]>, part: { region?: string; pool?: string; minutes?: number }) =>
    replica.silences.add({
      ...(part.region === undefined ? {} : { region: part.region }),
      ...(part.pool === undefined ? {} : { pool: part.pool }),
      startsAt: new Date(0).toISOString(),
      endsAt: new Date(Date.now() + (part.minutes ?? 10) * 60_000).toISOString(),
      by: "ana",
      note: "",
    });

  it("of a region or a pool mutes webhooks, on every replica, and is counted", async () => {
    const other = site.replica([webhookConfig({ url: receiver.url })], { without: "worker" });
    const replica = site.replica([webhookConfig({ url: receiver.url })]);
    await replica.begun();
    await mute(other, { region: "US" });
    await mute(other, { pool: "antpool" });
    const heard = outage();
    await site.publish(outage({ region: "US-TX" }), outage({ scope: "pool", region: null, pool: "antpool" }), heard);
    expect((await receiver.next()).headers["webhook-id"]).toBe(`${heard.id}-1`);
    await eventually(
      () => replica.metrics.render(),
      (text) => text.includes('deliveries_total{webhook="desk",result="silenced"} 2'),
    );
    expect(receiver.received.length).toBe(1);
  });

  it("keeps no end from an Alertmanager, which would fire for ever", async () => {
    const replica = site.replica([webhookConfig({ url: receiver.url, preset: "alertmanager" })]);
    await replica.begun();
    const event = outage();
    await site.publish(event);
    await receiver.next();
    await mute(replica, { region: "KZ" });
    await site.publish({ ...event, type: "resolved", revision: 2, endedAt: event.at, resolution: "recovered" });
    expect(JSON.parse((await receiver.next()).body)).toMatchObject([{ endsAt: event.at }]);
  });
});

describe("waits between attempts", () => {
  it("double from two seconds to two hours, half of each at random, and add up to hours", () => {
    let least = 0;
    let most = 0;
    for (let attempt = 1; attempt < 16; attempt++) {
      const ceiling = Math.min(7_200_000, 2_000 * 2 ** (attempt - 1));
      const waits = Array.from({ length: 50 }, () => retryWaitMs(attempt, undefined));
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(ceiling / 2);
      expect(Math.max(...waits)).toBeLessThanOrEqual(ceiling);
      expect(new Set(waits).size).toBeGreaterThan(10);
      least += ceiling / 2;
      most += ceiling;
    }
    expect(least / 3_600_000).toBeGreaterThan(4);
    expect(most / 3_600_000).toBeLessThan(9);
    expect(retryWaitMs(1, 3_600_000)).toBe(3_600_000);
  });
});

describe("the configuration", () => {
  const read = (webhooks: string, env: Record<string, string> = {}) =>
    parseConfig(`{networks: {bitcoin: {pools: {antpool: {}}}}, webhooks: ${webhooks}}`, { file: "t.yaml", env });
  const faults = (webhooks: string, env?: Record<string, string>): string => {
    try {
      read(webhooks, env);
      return "none";
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
  };

  it("is read with its secrets from the environment", () => {
    const config = read(
      "{desk: {url: 'https://a.example/${env:PATH_OF_DESK}', secret: {env: DESK}, authorization: '${env:AUTH}', regions: [KZ], minSeverity: warning}}",
      { PATH_OF_DESK: "services/x", DESK: `${SECRET} ${SECRET}`, AUTH: "Bearer b" },
    );
    expect(config.webhooks).toEqual([
      {
        name: "desk",
        url: "https://a.example/services/x",
        preset: "hashfall",
        options: {},
        headers: {},
        hidden: [],
        resendIntervalMs: 15_000,
        secrets: [SECRET, SECRET],
        authorization: "Bearer b",
        filter: { regions: ["KZ"], minSeverity: "warning" },
        allowPrivate: false,
        timeoutMs: 10_000,
      },
    ]);
  });

  it.each([
    ["{desk: {url: 'http://a.example/'}}", "must be https"],
    ["{desk: {url: 'https://10.1.2.3/'}}", "10.1.2.3 is a private address"],
    ["{desk: {url: 'https://user:pw@a.example/'}}", "use `authorization`"],
    ["{desk: {url: 'sentinel'}}", "not a URL"],
    ["{desk: {url: 'https://a.example/', preset: slak}}", "allowed: hashfall, alertmanager"],
    ["{desk: {url: 'https://a.example/', networks: [litecoin]}}", '"litecoin" is not configured'],
    ["{desk: {url: 'https://a.example/', regions: [kz]}}", "a region is an ISO 3166 code"],
    ["{desk: {url: 'https://a.example/', secret: {env: DESK}}}", "not a signing secret"],
    ["{desk: {url: 'https://a.example/', secret: {env: MISSING}}}", "MISSING is not set"],
    ["{desk: {url: 'https://a.example/', secret: whsec_sentinel}}", "never the secret itself"],
    ["{Desk: {url: 'https://a.example/'}}", "lower-case letters"],
  ])("%s is refused", (webhooks, why) => {
    const said = faults(webhooks, { DESK: "whsec_sentinel" });
    expect(said).toContain(why);
    expect(said).not.toContain("sentinel");
  });

  it("needs none of its secrets in a replay", () => {
    const text =
      "{networks: {bitcoin: {pools: {antpool: {}}}}, webhooks: {desk: {url: '${env:URL}', secret: {env: DESK}}}}";
    expect(parseConfig(text, { file: "t.yaml", env: {}, offline: true }).webhooks).toEqual([]);
  });
});
