/** A gateway that takes samples, on a real Redis of its own, and hands that sign as a sender would. */
import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { Webhook } from "standardwebhooks";
import type { PushSender } from "../../src/config/resolve/resolved.ts";
import type { GatewayDeps, GatewayOptions } from "../../src/deliver/contract.ts";
import type { PushAnswer } from "../../src/deliver/push/contract.ts";
import type { Sample } from "../../src/model/sample.ts";
import { isoTime } from "../../src/model/tick.ts";
import { makeKeys } from "../../src/store/keys.ts";
import { makePushIds } from "../../src/store/push-ids.ts";
import { makeStore, type Store } from "../../src/store/store.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";
import { startTestGateway, type TestGateway, TICK } from "./support.ts";

export const INTERVAL_MS = 300_000;
const secretOf = (byte: number): string => `whsec_${Buffer.alloc(32, byte).toString("base64")}`;
export const SECRET = secretOf(7);
export const NEXT_SECRET = secretOf(8);
export const OTHER_SECRET = secretOf(9);

export const FARM: PushSender = {
  name: "farm-kz",
  network: "bitcoin",
  secrets: [SECRET, NEXT_SECRET],
  pools: ["antpool"],
  regions: ["KZ", "RU"],
  wholePools: false,
};
export const POOL: PushSender = {
  name: "desk",
  network: "bitcoin",
  secrets: [OTHER_SECRET],
  pools: ["antpool", "f2pool"],
  regions: [],
  wholePools: true,
};

export interface PushServer extends TestGateway {
  readonly store: Store;
  /** What is in force; a test may change it as a reload would. */
  senders: readonly PushSender[];
  /** Every line that was logged. */
  readonly logged: string[];
  stored(): Promise<Sample[]>;
  end(): Promise<void>;
}

export async function startPushServer(
  options: Partial<GatewayOptions> = {},
  deps: Partial<GatewayDeps> = {},
): Promise<PushServer> {
  const redis: TestRedis = await startTestRedis();
  const logged: string[] = [];
  const logger = pino({ level: "trace" }, { write: (line: string) => logged.push(line) });
  const real = { now: () => Date.now() };
  const store = makeStore({ keyTag: "t" }, { redis: redis.client(), openFollower: () => redis.client(), real, logger });
  const push = {
    senders: () => server.senders,
    samples: store.samples,
    ids: makePushIds<PushAnswer>({ redis: redis.client(), keys: makeKeys("t") }),
  };
  const gateway = await startTestGateway(options, { push, logger, ...deps }, redis);
  const server: PushServer = {
    ...gateway,
    store,
    senders: [FARM, POOL],
    logged,
    async stored() {
      const rows: Sample[] = [];
      for await (const tick of store.samples.range("bitcoin", 0, Number.MAX_SAFE_INTEGER)) rows.push(...tick.rows);
      return rows;
    },
    async end() {
      await gateway.stop();
      await redis.stop();
    },
  };
  return server;
}

export interface Sent {
  readonly sender?: string | null;
  readonly secret?: string;
  readonly id?: string;
  /** How far the sender's clock is ahead of real time, ms. */
  readonly aheadMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: PushAnswer & { readonly code?: string; readonly detail?: string };
}

/** Signs with the library that senders use, not with the code under test. */
export async function send(server: { readonly url: string }, body: string, how: Sent = {}): Promise<Answered> {
  const { sender = "farm-kz", secret = SECRET, id = randomUUID(), aheadMs = 0, headers = {} } = how;
  const at = Date.now() + aheadMs;
  const answer = await fetch(`${server.url}/api/v1/samples${sender === null ? "" : `?sender=${sender}`}`, {
    method: "POST",
    body,
    headers: {
      "content-type": body.startsWith('{"samples"') ? "application/json" : "application/x-ndjson",
      "webhook-id": id,
      "webhook-timestamp": `${Math.floor(at / 1000)}`,
      "webhook-signature": new Webhook(secret).sign(id, new Date(at), body),
      ...headers,
    },
  });
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answered["body"] };
}

/** A regional row at data time now, which is a second after TICK: the tick that covers it is the next one. */
export const row = (part: object = {}): string =>
  JSON.stringify({ at: isoTime(TICK + 1000), pool: "antpool", region: "KZ", hashrate: 9e18, ...part });
export const lines = (...rows: string[]): string => `${rows.join("\n")}\n`;
