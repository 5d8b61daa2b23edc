/** Pollers on a real store, with sources and a data clock of the test's own. */
import { onTestFinished } from "vitest";
import type { NetworkConfig } from "../../src/config/resolve/resolved.ts";
import type { Clocks } from "../../src/model/clock.ts";
import type { PollEvent } from "../../src/poll/events.ts";
import { makePoller, type Poller, type PollerDeps } from "../../src/poll/poller.ts";
import type { FetchOutcome, Source } from "../../src/sources/contract.ts";
import { SILENT, type TestStore } from "../store/helpers.ts";

export const MINUTE = 60_000;
export const INTERVAL = 5 * MINUTE;
export const TICK = Date.UTC(2026, 0, 1, 12);

const network: NetworkConfig = {
  name: "bitcoin",
  intervalMs: INTERVAL,
  sources: [],
  model: {
    network: "bitcoin",
    intervalSeconds: 300,
    pools: [],
    detection: {
      falseAlarmsPerMonth: 0.1,
      newRegimeAfterSeconds: 1_209_600,
      severity: { criticalShare: 0.05, warningShare: 0.015, minProbability: 0.8 },
    },
    configHash: "c1",
  },
};

export const figure = (pool: string, hashrate: number): FetchOutcome => ({
  kind: "ok",
  bodySha256: "",
  rows: [
    {
      kind: "rate",
      pool,
      region: null,
      hashrate,
      window: { kind: "unknown", seconds: null },
      basis: "pool-reported",
      staleAfterMs: MINUTE,
      observedAtBasis: "fetch-time",
      raw: { text: "", unit: "H/s" },
    },
  ],
});

export function sourceOf(id: string, fetch: Source["fetch"], minIntervalMs = MINUTE): Source & { asked: number } {
  const source = {
    id,
    hostKey: `${id}.example`,
    pools: [id],
    minIntervalMs,
    asked: 0,
    fetch: (context: Parameters<Source["fetch"]>[0]) => {
      source.asked += 1;
      return fetch(context);
    },
  };
  return source;
}

interface Rig {
  readonly poller: Poller;
  readonly events: PollEvent[];
  readonly ticks: number[];
  /** Resolves with the next event of a type, or one that has come already. */
  next<T extends PollEvent["type"]>(type: T): Promise<Extract<PollEvent, { type: T }>>;
}

/** A poller whose data clock stands just after a tick, until it is moved. */
export function rig(
  store: TestStore,
  sources: readonly Source[],
  more: Partial<PollerDeps> & { holder?: string; at?: () => number } = {},
): Rig {
  const { holder = "test", at = () => TICK + 1_000, ...deps } = more;
  const clocks: Clocks = { data: { now: at }, real: { now: () => Date.now() }, speed: 1 };
  const events: PollEvent[] = [];
  const ticks: number[] = [];
  const waiting: { type: string; resolve: (event: PollEvent) => void }[] = [];
  const poller = makePoller(
    { network, holder },
    {
      sources,
      samples: store.samples,
      claims: store.claims,
      clocks,
      logger: SILENT,
      random: () => 0,
      onTick: async (_, tick) => {
        ticks.push(tick);
      },
      onEvent: (event) => {
        events.push(event);
        for (const [index, each] of waiting.entries()) {
          if (each.type !== event.type) continue;
          waiting.splice(index, 1);
          each.resolve(event);
          break;
        }
      },
      ...deps,
    },
  );
  onTestFinished(() => poller.stop(0));
  return {
    poller,
    events,
    ticks,
    next: (type) =>
      new Promise((resolve) => {
        const found = events.find((event) => event.type === type);
        if (found) resolve(found as never);
        else waiting.push({ type, resolve: resolve as never });
      }),
  };
}

export async function stored(store: TestStore) {
  const { ticks } = await store.samples.readSince("bitcoin", "0-0", TICK + 10 * INTERVAL, 100);
  return ticks.map(({ at, rows }) => [
    at,
    rows.map((row) => [
      row.kind === "witness" ? row.fact.kind : row.kind === "label" ? row.verdict : row.pool,
      row.kind === "rate" && row.hashrate,
      row.source,
    ]),
  ]);
}
