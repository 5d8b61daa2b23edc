/** Polling and detection under one configuration: what a reload stops and starts anew. Part of the composition root. */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Logger } from "pino";
import type { Config, NetworkConfig } from "./config/resolve/resolved.ts";
import { backfillNetwork } from "./jobs/backfill.ts";
import { DETECT_QUEUE, type DetectQueue, makeDetectQueue } from "./jobs/detect-queue.ts";
import { type DetectWorker, makeDetectWorker } from "./jobs/detect-worker.ts";
import { makeThreadedEngine } from "./jobs/threaded-engine.ts";
import { keepWorker } from "./jobs/worker-keeper.ts";
import type { Metrics } from "./metrics/metrics.ts";
import { recordCommit, recordHealthChange, recordPoll } from "./metrics/record.ts";
import { seedCounters } from "./metrics/seed.ts";
import type { Clocks } from "./model/clock.ts";
import { HashfallError } from "./model/errors.ts";
import type { Sample } from "./model/sample.ts";
import { type Notify, startWebhooks } from "./notify.ts";
import { type HealthKeeper, makeHealthKeeper } from "./poll/health-keeper.ts";
import { makePoller, type Poller } from "./poll/poller.ts";
import { every } from "./runtime/every.ts";
import { makeReleasers, type Releasers } from "./runtime/releasers.ts";
import type { Role } from "./runtime/roles.ts";
import { makePoliteHttp } from "./sources/http/polite-http.ts";
import { makeTransport } from "./sources/http/transport.ts";
import { makeSource } from "./sources/registry.ts";
import { makeSecretReader } from "./sources/secret.ts";
import { makeWitness } from "./sources/witness/registry.ts";
import type { Connections } from "./store/connect.ts";
import type { Keys } from "./store/keys.ts";
import type { Store } from "./store/store.ts";
import type { Tracing } from "./tracing/contract.ts";

export interface PipelineOptions {
  readonly config: Config;
  readonly roles: readonly Role[];
  readonly version: string;
  /** Opens the history that warms each network's detector before polling begins; only used where nothing was ever decided. */
  readonly history?: () => AsyncIterable<Sample>;
  readonly onDecided?: (tick: number) => void;
}

export interface PipelineDeps {
  readonly clocks: Clocks;
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  readonly connections: Connections;
  readonly keys: Keys;
  readonly store: Store;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
  /** With the role `serve`. */
  readonly notify: Notify | undefined;
}

const JOB_COUNTS_EVERY_MS = 5_000;

/** Starts what the roles ask for; the releasers stop it in an order that loses nothing: polls, the job under way, the queue. */
export async function startPipeline(options: PipelineOptions, deps: PipelineDeps): Promise<Releasers> {
  const releasers = makeReleasers({ logger: deps.logger });
  try {
    seedCounters(deps.metrics, options.config.networks);
    if (deps.notify !== undefined) startWebhooks(options.config, { ...deps, notify: deps.notify }, releasers);
    const queue = startQueue(options, deps, releasers);
    if (options.history !== undefined) await fillIn(options.config.networks, options.history, queue, deps);
    if (options.roles.includes("detect")) await startDetection(options, queue, deps, releasers);
    if (options.roles.includes("poll")) await startPolling(options, queue, deps, releasers);
    return releasers;
  } catch (error) {
    await releasers.release();
    throw error;
  }
}

/**
 * History before polling begins, whatever the roles: whoever detects takes it from the store. The file names no network,
 * so each one takes the rows of its own pools.
 *
 * @throws `HashfallError` `HISTORY_AMBIGUOUS` when a pool belongs to several networks: its rows could be of either coin
 */
async function fillIn(
  networks: readonly NetworkConfig[],
  history: () => AsyncIterable<Sample>,
  queue: DetectQueue,
  deps: PipelineDeps,
): Promise<void> {
  const ids = networks.flatMap(({ model }) => model.pools.map(({ id }) => id));
  const shared = ids.find((id, i) => ids.indexOf(id) !== i);
  if (shared !== undefined) {
    throw new HashfallError(
      "HISTORY_AMBIGUOUS",
      `--history: pool ${shared} belongs to several networks, and rows of a file name none; allowed: a configuration of one network for this start`,
    );
  }
  for (const { name, intervalMs, model } of networks) {
    // A block of a pool without weights is still exposure, so the only network takes every row.
    const own = networks.length === 1 ? {} : { pools: new Set(model.pools.map(({ id }) => id)) };
    await backfillNetwork({ name, intervalMs, ...own }, history(), {
      ...deps.store,
      enqueue: queue.enqueue,
      report: deps.say,
    });
  }
}

function startQueue(options: PipelineOptions, deps: PipelineDeps, releasers: Releasers): DetectQueue {
  const { clocks, logger, metrics } = deps;
  const shortestTickMs = Math.min(...options.config.networks.map(({ intervalMs }) => intervalMs)) / clocks.speed;
  const connection = deps.connections.open("queue");
  const queue = makeDetectQueue({ prefix: deps.keys.queuePrefix, tickMs: shortestTickMs }, { connection, logger });
  releasers.add("detect queue", async () => {
    await queue.stop();
    connection.disconnect();
  });
  const counting = every(
    JOB_COUNTS_EVERY_MS,
    async () => {
      for (const [state, jobs] of Object.entries(await queue.counts())) {
        metrics.jobs.set({ queue: DETECT_QUEUE, state }, jobs);
      }
    },
    { name: "job counts", logger },
  );
  releasers.add("job counts", () => counting.stop());
  return queue;
}

async function startDetection(
  options: PipelineOptions,
  queue: DetectQueue,
  deps: PipelineDeps,
  releasers: Releasers,
): Promise<void> {
  const { config } = options;
  const { logger, metrics, store, tracing } = deps;
  // Only who decides: an older configuration in a process that serves must not stop detection elsewhere.
  const generation = await store.generations.register(config.hash);
  const engine = makeThreadedEngine(
    config.networks.map(({ model }) => model),
    { logger },
  );
  releasers.add("detector", () => engine.stop());
  const start = (inForce: number): DetectWorker => {
    const connection = deps.connections.open("worker");
    const worker = makeDetectWorker(
      {
        prefix: deps.keys.queuePrefix,
        networks: config.networks.map(({ name }) => name),
        configHash: config.hash,
        generation: inForce,
      },
      {
        connection,
        samples: store.samples,
        states: store.states,
        engine,
        real: deps.clocks.real,
        logger,
        tracing,
        onCommitted(committed) {
          recordCommit(committed, { metrics, logger });
          options.onDecided?.(committed.tick);
        },
      },
    );
    return {
      ...worker,
      async stop(graceMs) {
        await worker.stop(graceMs);
        connection.disconnect();
      },
    };
  };
  const keeper = keepWorker(
    generation,
    {},
    {
      start,
      waiting: async () => (await queue.counts()).waiting ?? 0,
      async ownGeneration() {
        const inForce = await store.generations.inForce();
        return inForce?.configHash === config.hash ? inForce.generation : null;
      },
      logger,
    },
  );
  releasers.add("detect worker", () => keeper.stop());
}

async function startPolling(
  options: PipelineOptions,
  queue: DetectQueue,
  deps: PipelineDeps,
  releasers: Releasers,
): Promise<void> {
  const { config } = options;
  const { clocks, logger, metrics, store, tracing } = deps;
  const http = makePoliteHttp(
    { version: options.version, contact: config.contact },
    { clocks, transport: makeTransport({ env: deps.env }) },
  );
  releasers.add("HTTP client", () => http.close());
  const secrets = makeSecretReader(deps.env);
  const holder = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const pollers: Poller[] = [];
  const keepers: HealthKeeper[] = [];
  // All at once: each may wait for its sources, and stopping as a whole has a deadline.
  releasers.add("pollers", async () => {
    await Promise.all(pollers.map((poller) => poller.stop()));
    await Promise.all(keepers.map((keeper) => keeper.settled()));
  });
  for (const network of config.networks) {
    // Where all rows are pushed there is nobody to ask, and still a tick to decide.
    if (network.sources.length === 0 && !config.server.push?.some((sender) => sender.network === network.name))
      continue;
    const asking = { http, clock: clocks.data, secrets };
    const sources = network.sources.map((source) => makeSource(source, asking));
    const witnesses = (network.witnesses ?? []).map((witness) => makeWitness(witness, asking));
    const keeper = makeHealthKeeper(
      network.name,
      [...sources, ...witnesses].map(({ id }) => id),
      {
        health: store.sourceHealth,
        onChange: (name, health) => recordHealthChange(name, health, logger),
        onHealth: (name, all) => {
          for (const { source, state } of all)
            metrics.source.failing.set({ network: name, source }, state === "failing" ? 1 : 0);
        },
        onError: (error) => logger.debug({ err: error }, "the health of the sources could not be stored"),
      },
    );
    const poller = makePoller(
      { network, holder },
      {
        sources,
        witnesses,
        samples: store.samples,
        claims: store.claims,
        clocks,
        logger,
        tracing,
        onTick: queue.enqueue,
        onEvent: (event) => {
          recordPoll(event, { metrics, logger });
          keeper.take(event);
        },
      },
    );
    keepers.push(keeper);
    pollers.push(poller);
    poller.start();
  }
}
