import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeSilences } from "../../src/deliver/silences.ts";
import type { WebhookConfig, Webhooks } from "../../src/deliver/webhook/contract.ts";
import { payloadOf } from "../../src/deliver/webhook/payload.ts";
import { makeWebhooks } from "../../src/deliver/webhook/webhooks.ts";
import { makeMetrics } from "../../src/metrics/metrics.ts";
import type { AlertEvent } from "../../src/model/alert.ts";
import { makeStore, type Store } from "../../src/store/store.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { alertEvent, Publisher } from "./support.ts";

const SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes....").toString("base64")}`;
const logger = pino({ level: process.env.TEST_LOG ?? "silent" });
const real = { now: () => Date.now() };

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Answers with the statuses it was given, then 204; `next` waits for a request. */
class Receiver {
  readonly received: Received[] = [];
  statuses: (number | "hang-up")[] = [];
  readonly #server: Server;
  #read = 0;
  #wake: () => void = () => {};

  constructor() {
    this.#server = createServer((request, response) => {
      let body = "";
      request.on("data", (text) => {
        body += text;
      });
      request.on("end", () => {
        const status = this.statuses.shift() ?? 204;
        if (status === "hang-up") request.socket.destroy();
        else response.writeHead(status).end();
        this.received.push({ path: request.url ?? "", headers: request.headers, body });
        this.#wake();
      });
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async next(): Promise<Received> {
    while (this.received.length <= this.#read) await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.received[this.#read++]!;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

let redis: TestRedis;
let store: Store;
let publisher: Publisher;
let receiver: Receiver;
const running: Webhooks[] = [];

beforeAll(async () => {
  redis = await startTestRedis();
  store = makeStore({ keyTag: "t" }, { redis: redis.client(), openFollower: () => redis.client(), real, logger });
  publisher = new Publisher(store);
});
afterAll(() => redis.stop());
beforeEach(async () => {
  receiver = new Receiver();
  await receiver.listen();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((webhooks) => webhooks.stop()));
  receiver.close();
});

let tags = 0;
function start(part: Partial<WebhookConfig> = {}, tag = `w${tags++}`) {
  const metrics = makeMetrics({ renderCacheMs: 0 });
  const silences = makeSilences({ keyTag: tag }, { redis: redis.client(), real });
  const webhooks = makeWebhooks(
    {
      webhooks: [{ name: "desk", url: `${receiver.url}/hook`, shape: "standard", secret: SECRET, filter: {}, ...part }],
      prefix: `{${tag}}:jobs`,
      keyTag: tag,
      retryDelayMs: 20,
    },
    {
      queueConnection: redis.client(),
      workerConnection: redis.client({ maxRetriesPerRequest: null }),
      redis: redis.client(),
      alertLog: store.alertLog,
      alerts: store.alerts,
      silences,
      metrics,
      real,
      logger,
    },
  );
  webhooks.start();
  running.push(webhooks);
  /** From here on every event counts. */
  const begun = async (): Promise<void> => {
    const client = redis.client();
    while ((await client.get(`{${tag}}:notified`)) === null);
  };
  return { webhooks, metrics, silences, tag, begun };
}

const outage = (part: Partial<AlertEvent> = {}): AlertEvent => alertEvent({ id: `o${tags++}`, revision: 1, ...part });

describe("a webhook", () => {
  it("is signed, and carries (id, revision) as its id", async () => {
    const { begun } = start();
    await begun();
    const event = outage();
    await publisher.publish([event]);
    const { headers, body, path } = await receiver.next();
    expect(path).toBe("/hook");
    expect(headers["webhook-id"]).toBe(`${event.id}-1`);
    const verified = new Webhook(SECRET).verify(body, headers as Record<string, string>);
    expect(verified).toMatchObject({
      type: "alert.opened",
      timestamp: event.at,
      data: { id: event.id, cursor: expect.any(String) },
    });
  });

  it("is tried again after an error, with the same id and body and a signature of its own", async () => {
    const { begun, metrics } = start();
    await begun();
    receiver.statuses = [500, "hang-up", 429];
    await publisher.publish([outage()]);
    const attempts = [await receiver.next(), await receiver.next(), await receiver.next(), await receiver.next()];
    expect(new Set(attempts.map(({ body, headers }) => `${headers["webhook-id"]} ${body}`)).size).toBe(1);
    expect(await metrics.render()).toContain('hashfall_webhook_deliveries_total{webhook="desk",result="retried"} 3');
  });

  it("that the receiver refuses for good is a dead letter, listed and redriven", async () => {
    const { begun, webhooks } = start();
    await begun();
    receiver.statuses = [410];
    const event = outage();
    await publisher.publish([event]);
    await receiver.next();
    let [dead] = await webhooks.deadLetters.list(10);
    while (!dead) [dead] = await webhooks.deadLetters.list(10);
    expect(dead).toMatchObject({
      webhook: "desk",
      alertId: event.id,
      revision: 1,
      reason: "the receiver answered 410",
    });
    expect(await webhooks.deadLetters.redrive("no such")).toBe(0);
    expect(await webhooks.deadLetters.redrive(dead.id)).toBe(1);
    expect((await receiver.next()).headers["webhook-id"]).toBe(`${event.id}-1`);
    expect(await webhooks.deadLetters.list(10)).toEqual([]);
  });

  it("only hears of what its filter lets through, and of all that follows", async () => {
    const { begun } = start({ filter: { regions: ["KZ"], minSeverity: "warning" } });
    await begun();
    const event = outage();
    await publisher.publish([outage({ region: "US-TX" }), outage({ severity: "info" }), event]);
    await publisher.publish([{ ...event, type: "updated", revision: 2, region: "RU" }]);
    const ids = [await receiver.next(), await receiver.next()].map(({ headers }) => headers["webhook-id"]);
    expect(ids.sort()).toEqual([`${event.id}-1`, `${event.id}-2`]);
  });

  it("is muted by a silence of the region", async () => {
    const { begun, silences, metrics } = start();
    await begun();
    await silences.add({
      region: "US",
      startsAt: new Date(0).toISOString(),
      endsAt: new Date(Date.now() + 60_000).toISOString(),
      by: "ana",
      note: "",
    });
    const heard = outage();
    await publisher.publish([outage({ region: "US-TX" })]);
    await publisher.publish([heard]);
    expect((await receiver.next()).headers["webhook-id"]).toBe(`${heard.id}-1`);
    while (!(await metrics.render()).includes('{webhook="desk",result="silenced"} 1'));
  });

  it("comes once from two replicas, and also for what happened while none stood", async () => {
    const first = start({}, "pair");
    await first.begun();
    start({}, "pair");
    const events = Array.from({ length: 20 }, () => outage());
    for (const event of events) await publisher.publish([event]);
    for (const _ of events) await receiver.next();
    await Promise.all(running.splice(0).map((webhooks) => webhooks.stop()));
    const missed = outage();
    await publisher.publish([missed]);
    start({}, "pair");
    expect((await receiver.next()).headers["webhook-id"]).toBe(`${missed.id}-1`);
    const sentinel = outage();
    await publisher.publish([sentinel]);
    await receiver.next();
    const ids = receiver.received.map(({ headers }) => headers["webhook-id"]);
    expect(ids.sort()).toEqual([...events, missed, sentinel].map(({ id }) => `${id}-1`).sort());
  });
});

describe("the shapes", () => {
  const alert = { ...alertEvent({ id: "bitcoin-region-20220105T1050Z-1", revision: 2 }), cursor: "e~1-1" };
  const options = { webhook: "desk", externalUrl: "https://hashfall.example" };

  it("alertmanager: its receivers take it for one of Alertmanager's own", () => {
    const payload = JSON.parse(payloadOf("alertmanager", alert, options)) as { alerts: object[] };
    expect(payload).toMatchObject({ version: "4", status: "firing", receiver: "desk", truncatedAlerts: 0 });
    expect(payload.alerts).toEqual([
      {
        status: "firing",
        labels: {
          alertname: "HashfallAlert",
          alert_id: alert.id,
          network: "bitcoin",
          scope: "region",
          severity: "critical",
          region: "KZ",
        },
        annotations: { summary: expect.stringContaining("KZ lost 71 % (50 % to 95 %)"), revision: "2" },
        startsAt: alert.startedAt,
        endsAt: "0001-01-01T00:00:00Z",
        generatorURL: "https://hashfall.example",
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    ]);
    const over = {
      ...alert,
      type: "resolved" as const,
      revision: 3,
      endedAt: "2022-01-06T00:00:00Z",
      resolution: "recovered" as const,
    };
    const resolved = JSON.parse(payloadOf("alertmanager", over, options)) as { alerts: { fingerprint: string }[] };
    expect(resolved).toMatchObject({ status: "resolved", alerts: [{ status: "resolved", endsAt: over.endedAt }] });
    expect(resolved.alerts[0]?.fingerprint).toBe((payload.alerts[0] as { fingerprint: string }).fingerprint);
  });

  it.each([
    [
      "a region",
      {},
      ":red_circle: KZ lost 71 % (50 % to 95 %) of its hash rate since 2022-01-05T10:32:00Z, 12 % of bitcoin",
    ],
    [
      "candidates",
      {
        region: null,
        ambiguous: true,
        severity: "info",
        candidates: [
          { region: "KZ", probability: 0.5 },
          { region: "RU", probability: 0.4 },
        ],
      },
      ":large_blue_circle: KZ or RU lost 71 % (50 % to 95 %) of its hash rate since 2022-01-05T10:32:00Z, 12 % of bitcoin",
    ],
    [
      "a pool whose name has markup",
      { scope: "pool", region: null, pool: "<!channel>", severity: "warning", lost: undefined },
      ":large_orange_circle: Pool &lt;!channel&gt; lost 71 % (50 % to 95 %) of its hash rate since 2022-01-05T10:32:00Z",
    ],
    [
      "a blind network",
      { scope: "source", region: null, source: null, verdict: "blind", drop: undefined },
      ":red_circle: Network bitcoin is blind since 2022-01-05T10:32:00Z",
    ],
    [
      "an end",
      { type: "resolved", resolution: "new-regime", endedAt: "2022-02-01T00:00:00Z" },
      ":white_check_mark: KZ: new-regime, ended 2022-02-01T00:00:00Z",
    ],
  ] as [string, Partial<AlertEvent>, string][])("slack: %s", (_name, part, text) => {
    const payload = JSON.parse(payloadOf("slack", { ...alert, ...part }, options)) as {
      text: string;
      blocks: object[];
    };
    expect(payload.text).toBe(text);
    expect(JSON.stringify(payload.blocks)).toContain(alert.id);
  });
});
