/** A gateway on a free port over a real Redis, a hand that publishes events, and a plain WebSocket client. */
import { once } from "node:events";
import { pino } from "pino";
import { WebSocket } from "ws";
import type { NetworkConfig } from "../../src/config/resolve/resolved.ts";
import type { Gateway, GatewayDeps, GatewayOptions } from "../../src/deliver/contract.ts";
import { makeGateway } from "../../src/deliver/gateway.ts";
import { EXAMPLE_ALERT } from "../../src/deliver/ws/channels/alerts.ts";
import type { ServerMessage, Subscribe } from "../../src/deliver/ws/protocol.ts";
import type { ExplainBundle } from "../../src/detect/contract.ts";
import { type Metrics, makeMetrics } from "../../src/metrics/metrics.ts";
import type { AlertEvent } from "../../src/model/alert.ts";
import { systemClocks } from "../../src/model/clock.ts";
import type { NetworkView } from "../../src/model/view.ts";
import { makeStore, type Store } from "../../src/store/store.ts";
import { startTestRedis, type TestRedis } from "../support/redis.ts";

export const TICK = Date.parse(EXAMPLE_ALERT.at);
const INTERVAL_MS = 300_000;

export function networkConfig(name = "bitcoin"): NetworkConfig {
  const pool = (id: string, weights: Record<string, number>) => ({
    id,
    windowSeconds: 3600,
    regions: Object.entries(weights).map(([region, weight]) => ({ region, weight, sd: weight / 4 })),
  });
  return {
    name,
    intervalMs: INTERVAL_MS,
    sources: [
      {
        id: "antpool",
        type: "antpool",
        pools: { antpool: "antpool" },
        region: null,
        intervalMs: INTERVAL_MS,
        timeoutMs: 10_000,
        allowPrivate: false,
        options: {},
      },
    ],
    model: {
      network: name,
      intervalSeconds: INTERVAL_MS / 1000,
      pools: [pool("antpool", { CN: 0.35, KZ: 0.19, "US-TX": 0.15 }), pool("f2pool", { CN: 0.5, RU: 0.2 })],
      detection: {
        falseAlarmsPerMonth: 0.1,
        newRegimeAfterSeconds: 604_800,
        severity: { criticalShare: 0.05, warningShare: 0.02, minProbability: 0.8 },
      },
      configHash: "c0ffee",
    },
  };
}

/** A regional alert event, the protocol's example without what delivery adds; the parts that a test is about are given. */
export function alertEvent(part: Partial<AlertEvent> & { id: string; revision: number }): AlertEvent {
  const {
    cause: _cause,
    cursor: _cursor,
    latency: _latency,
    startedAtLow: _low,
    startedAtHigh: _high,
    ...event
  } = EXAMPLE_ALERT;
  return { ...event, type: part.revision === 1 ? "opened" : "updated", ...part };
}

/** The event that ends the alert `id` after its opening. */
export function endedEvent(id: string): AlertEvent {
  return alertEvent({ id, revision: 2, type: "resolved", endedAt: "2022-01-05T12:00:00Z", resolution: "recovered" });
}

export function networkView(part: Partial<NetworkView> = {}): NetworkView {
  return {
    network: "bitcoin",
    at: TICK,
    state: "ok",
    hashrate: 1.7e20,
    regions: [
      { region: "KZ", hashrate: 9e18, expected: 3.1e19, drop: 0.71, score: 14.2 },
      { region: "CN", hashrate: 6e19, expected: 6.1e19, drop: 0.02, score: -8 },
      { region: "US-TX", expected: 1e19 },
    ],
    pools: [
      { pool: "antpool", hashrate: 2.56e19, expected: 2.9e19, residual: -3.1, sampledAt: TICK - 60_000, state: "ok" },
      { pool: "f2pool", state: "stale" },
    ],
    sources: [{ source: "antpool", verdict: "ok" }],
    rejected: {},
    ...part,
  };
}

/** Commits events and a view as the detector would, one tick further each time. */
export class Publisher {
  readonly #stores: Store;
  #tick = TICK;
  #generation: number | undefined;

  constructor(stores: Store) {
    this.#stores = stores;
  }

  /** Data time now: the newest tick was decided a moment ago. */
  now(): number {
    return this.#tick + 1000;
  }

  async publish(
    events: readonly AlertEvent[],
    view: Partial<NetworkView> = {},
    bundles: readonly ExplainBundle[] = [],
  ): Promise<void> {
    const network = events[0]?.network ?? view.network ?? "bitcoin";
    this.#generation ??= await this.#stores.generations.register("c0ffee");
    this.#tick += INTERVAL_MS;
    const state = await this.#stores.states.load(network);
    const result = await this.#stores.states.commit({
      network,
      expectedVersion: state.version,
      commitId: `commit-${state.version + 1}`,
      generation: this.#generation,
      configHash: "c0ffee",
      tick: this.#tick,
      cursor: state.cursor,
      bytes: new Uint8Array([1]),
      events,
      bundles: [...events.map(({ id, revision }) => ({ id, revision, bundle: { rows: [] } })), ...bundles],
      views: [networkView({ at: this.#tick, network, ...view })],
      sampledAt: Date.now() - 20,
      detectedAt: Date.now() - 10,
    });
    if (result !== "committed") throw new Error(`the test's commit was a ${result}`);
  }
}

export interface TestGateway {
  readonly redis: TestRedis;
  readonly stores: Store;
  readonly publisher: Publisher;
  readonly gateway: Gateway;
  readonly metrics: Metrics;
  readonly url: string;
  readonly wsUrl: string;
  /** Another gateway on the same Redis. */
  another(options?: Partial<GatewayOptions>, deps?: Partial<GatewayDeps>): Promise<TestGateway>;
  stop(): Promise<void>;
}

export const SERVE: GatewayOptions = {
  host: "127.0.0.1",
  port: 0,
  tokens: [],
  allowedHosts: [],
  allowedOrigins: [],
  heartbeatSeconds: 15,
  maxClients: 1000,
  version: "0.0.0-test",
};

export async function startTestGateway(
  options: Partial<GatewayOptions> = {},
  deps: Partial<GatewayDeps> = {},
  shared?: TestRedis,
): Promise<TestGateway> {
  const redis = shared ?? (await startTestRedis());
  const logger = pino({ level: process.env.TEST_LOG ?? "silent" });
  const { real } = systemClocks();
  const stores = makeStore(
    { keyTag: "t" },
    { redis: redis.client(), openFollower: () => redis.client(), real, logger },
  );
  const publisher = new Publisher(stores);
  const clocks = { data: publisher, real, speed: 1 };
  const metrics = makeMetrics({ renderCacheMs: 0 });
  const gateway = makeGateway(
    { ...SERVE, ...options },
    {
      networks: () => [networkConfig()],
      alertLog: stores.alertLog,
      alerts: stores.alerts,
      views: stores.views,
      metrics,
      clocks,
      logger,
      readiness: () => [{ name: "redis", ok: true }],
      ...deps,
    },
  );
  const { url } = await gateway.listen();
  await untilReady(url);
  return {
    redis,
    stores,
    publisher,
    gateway,
    metrics,
    url,
    wsUrl: `${url.replace("http", "ws")}/ws`,
    another: (more = {}, otherDeps = {}) => startTestGateway({ ...options, ...more }, otherDeps, redis),
    stop: async () => {
      await gateway.stop();
      if (!shared) await redis.stop();
    },
  };
}

async function untilReady(url: string): Promise<void> {
  while ((await fetch(`${url}/readyz`)).status !== 200) await new Promise((resolve) => setImmediate(resolve));
}

/** What comes, in order; `next` waits for the first message that fits, and fails when the connection ends first. */
export class TestClient {
  readonly socket: WebSocket;
  readonly received: ServerMessage[] = [];
  closed: { code: number; reason: string } | null = null;
  #read = 0;
  #wake: (() => void)[] = [];

  constructor(
    url: string,
    options: { headers?: Record<string, string>; protocols?: string[]; autoPong?: boolean } = {},
  ) {
    const { protocols = [], ...rest } = options;
    this.socket = new WebSocket(url, protocols, rest);
    this.socket.on("message", (data) => {
      this.received.push(JSON.parse(data.toString()) as ServerMessage);
      this.#notify();
    });
    this.socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#notify();
    });
    this.socket.on("error", () => {});
  }

  async next<T extends ServerMessage["type"]>(type: T): Promise<Extract<ServerMessage, { type: T }>> {
    for (;;) {
      while (this.#read < this.received.length) {
        const message = this.received[this.#read++];
        if (message?.type === type) return message as Extract<ServerMessage, { type: T }>;
      }
      if (this.closed) throw new Error(`closed with ${this.closed.code} before ${type}`);
      await this.#change();
    }
  }

  async end(): Promise<{ code: number; reason: string }> {
    while (!this.closed) await this.#change();
    return this.closed;
  }

  send(message: object | string): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Subscribes after hello. */
  async subscribe(part: Partial<Subscribe> = {}): Promise<Extract<ServerMessage, { type: "subscribed" }>> {
    if (!this.received.some(({ type }) => type === "hello")) await this.next("hello");
    this.send({ op: "subscribe", channel: "alerts", ...part });
    return this.next("subscribed");
  }

  /** (id, revision) of every alert so far, snapshots not counted. */
  alerts(): string[] {
    return this.received.flatMap((m) => (m.type === "alert" ? [`${m.alert.id} ${m.alert.revision}`] : []));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.socket.close();
    await once(this.socket, "close");
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve));
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}
