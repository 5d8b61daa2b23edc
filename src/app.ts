/** The composition root: configuration -> roles -> stop(). Everything is put together here and in `pipeline.ts`. */
import { hostname } from "node:os";
import { join } from "node:path";
import type { Logger } from "pino";
import { type BackupKeeper, keepBackup } from "./backup/keeper.ts";
import type { Config } from "./config/resolve/resolved.ts";
import { makeGateway } from "./deliver/gateway.ts";
import { startMetricsServer } from "./deliver/metrics-server.ts";
import type { PushAnswer } from "./deliver/push/contract.ts";
import { DETECTOR_VERSION } from "./detect/contract.ts";
import { makeMetrics } from "./metrics/metrics.ts";
import { watchRedis } from "./metrics/redis-watch.ts";
import type { Clocks } from "./model/clock.ts";
import type { Sample } from "./model/sample.ts";
import { type Notify, openHeartbeat, openNotify, openWebhookTests } from "./notify.ts";
import { type PipelineDeps, startPipeline } from "./pipeline.ts";
import { watchClockSkew } from "./runtime/clock-skew.ts";
import { watchDataFolder } from "./runtime/data-folder.ts";
import { every } from "./runtime/every.ts";
import { watchLosses } from "./runtime/loss-watch.ts";
import { makeReadiness } from "./runtime/readiness.ts";
import { makeReleasers, type Releasers } from "./runtime/releasers.ts";
import { makeReplaceable } from "./runtime/replaceable.ts";
import type { Role } from "./runtime/roles.ts";
import { writeRefusal } from "./store/accepts-writes.ts";
import { checkServer } from "./store/check-server.ts";
import { makeConnections, type RedisClient } from "./store/connect.ts";
import type { StateStore } from "./store/contract.ts";
import { startEmbedded } from "./store/embedded/start-embedded.ts";
import { type Keys, makeKeys } from "./store/keys.ts";
import { checkPermissions } from "./store/permissions.ts";
import { makePushIds } from "./store/push-ids.ts";
import { makeRetention } from "./store/retention.ts";
import { makeStore, type Store } from "./store/store.ts";
import { readProgress } from "./store/stored-progress.ts";
import { startTracing } from "./tracing/start.ts";

export interface AppOptions {
  readonly config: Config;
  readonly roles: readonly Role[];
  readonly version: string;
  /** Without the role `serve`: whether `server.host` and `server.port` are bound for /metrics, /healthz and /readyz alone. */
  readonly probes?: boolean;
  /** History that warms the detector before polling begins; only used where nothing was ever decided. */
  readonly history?: () => AsyncIterable<Sample>;
  /** Told of every tick that was decided here, with the newest of those that were committed at once. */
  readonly onDecided?: (tick: number) => void;
}

export interface AppDeps {
  readonly clocks: Clocks;
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One line for the person who started it. */
  readonly say: (line: string) => void;
}

export interface App {
  /** Where the page is; null without the role `serve`. */
  readonly url: string | null;
  readonly store: Store;
  /**
   * Puts another configuration in force: sources, weights, thresholds. What binds a port or Redis stays as it was.
   * Rejects when it does not start; the old one then goes on.
   */
  reload(config: Config): Promise<void>;
  /** Tells the metrics that a changed configuration was not taken; the one in force stays. */
  refused(): void;
  /** Rejects when a part that nothing works without is lost for good; never resolves. */
  readonly failed: Promise<never>;
  /** Unready first, then polls, the job under way, the clients, the connections, Redis last. */
  stop(): Promise<void>;
}

/** Retention deletes in small batches; once in five minutes keeps every batch small. */
const FORGET_EVERY_MS = 300_000;

/**
 * Starts the roles on one Redis: the one that `redis.url` names, or an embedded server on the data folder.
 *
 * @throws `HashfallError` of any part that cannot start; whatever had started is closed again
 */
export async function startApp(options: AppOptions, deps: AppDeps): Promise<App> {
  const releasers = makeReleasers({ logger: deps.logger });
  try {
    return await compose(options, deps, releasers);
  } catch (error) {
    await releasers.release();
    throw error;
  }
}

async function compose(options: AppOptions, deps: AppDeps, releasers: Releasers): Promise<App> {
  const { clocks, logger } = deps;
  const { roles, version } = options;
  let current = () => options.config;

  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Whoever does not wait for it must not be ended by it.
  failed.catch(() => undefined);
  const url = await openRedis(options.config, deps, releasers, fail);
  const connections = makeConnections({ url }, { logger });
  releasers.add("connections to Redis", () => connections.close());
  const tracing = await startTracing({ version, instance: `${hostname()}-${process.pid}` }, deps);
  releasers.add("traces", () => tracing.stop());
  const dataFolder =
    options.config.redis.url === undefined
      ? watchDataFolder({ folder: join(options.config.dataDir, "redis") }, { logger })
      : undefined;
  releasers.add("data folder", () => dataFolder?.stop());
  const redis = connections.open("command");
  const server = await checkServer(redis);
  for (const warning of server.warnings) logger.warn(warning);
  const keys = makeKeys(options.config.redis.keyTag);
  await checkPermissions(redis, keys.probe);
  const plainStore = makeStore(
    { keyTag: options.config.redis.keyTag },
    { redis, openFollower: () => connections.open("follow"), real: clocks.real, logger },
  );
  const forgetting = every(
    FORGET_EVERY_MS,
    async () => {
      const { networks, retention: keep } = current();
      const retention = makeRetention({ networks: networks.map(({ name }) => name), keep }, { redis, keys });
      const forgotten = await retention.run({ data: clocks.data.now(), real: clocks.real.now() });
      logger.debug(forgotten, "forgot what is older than the retention");
    },
    { name: "retention", logger },
  );
  releasers.add("retention", () => forgetting.stop());

  const networkNames = () => current().networks.map(({ name }) => name);
  const losses = watchLosses({}, { progress: () => readProgress(networkNames(), { redis, keys }), logger });
  releasers.add("watch for losses", () => losses.stop());
  // Before anything polls or decides: what Redis has lost is put back first.
  const backup = await openBackup(options, { states: plainStore.states, redis, keys, networks: networkNames }, deps);
  releasers.add("backup", () => backup?.stop());
  const store: Store = { ...plainStore, states: backup?.states ?? plainStore.states };
  const skew = watchClockSkew({}, { ...clocks, time: () => redis.time(), newestTick: losses.newestTick, logger });
  releasers.add("clock skew", () => skew.stop());
  const metrics = makeMetrics({ nodeMetrics: true });
  metrics.buildInfo.set({ version, node: process.version, detector: DETECTOR_VERSION }, 1);
  metrics.config.reloadOk.set({}, 1);
  const redisWatch = watchRedis({ redis, metrics });
  releasers.add("Redis figures", () => redisWatch.stop());
  const readiness = makeReadiness(
    {
      networks: networkNames,
      server,
      faults: () => [dataFolder?.fault() ?? []].flat(),
      warnings: () => [skew.warning() ?? [], backup?.warning() ?? []].flat(),
    },
    { writeRefusal: () => writeRefusal(redis, keys), views: store.views, logger },
  );
  releasers.add("readiness", () => readiness.stop());

  let page: string | null = null;
  let notify: Notify | undefined;
  if (roles.includes("serve")) {
    notify = openNotify({ store, connections, keys, logger }, releasers);
    const gateway = makeGateway(
      { ...options.config.server, version },
      {
        networks: () => current().networks,
        alertLog: store.alertLog,
        alerts: store.alerts,
        views: store.views,
        sourceHealth: store.sourceHealth,
        metrics,
        clocks,
        logger,
        readiness: () => readiness.checks(),
        tracing,
        silences: store.silences,
        deadLetters: notify.queue.deadLetters,
        testWebhook: openWebhookTests(current, clocks, releasers),
        push: {
          senders: () => current().server.push ?? [],
          samples: store.samples,
          ids: makePushIds<PushAnswer>({ redis, keys }),
        },
      },
    );
    releasers.add("gateway", () => gateway.stop());
    page = (await gateway.listen()).url;
    openHeartbeat(
      options.config,
      { readiness: () => readiness.checks(), statuses: () => gateway.statuses(), ...deps },
      releasers,
    );
  } else if (options.probes) {
    const probes = await startMetricsServer(options.config.server, { metrics, readiness: () => readiness.checks() });
    releasers.add("port for probes", () => probes.stop());
    deps.say(`metrics are at ${probes.url}/metrics`);
  }

  const pipelineDeps: PipelineDeps = { ...deps, connections, keys, store, metrics, tracing, notify };
  // History warms what starts first; a reload finds ticks decided, and has none.
  let history = options.history;
  const pipeline = await makeReplaceable(
    {
      first: options.config,
      start(config: Config) {
        const warming = history === undefined ? {} : { history };
        history = undefined;
        const { onDecided } = options;
        return startPipeline(
          { config, roles, version, ...warming, ...(onDecided === undefined ? {} : { onDecided }) },
          pipelineDeps,
        );
      },
    },
    { name: "polling and detection", logger },
  );
  releasers.add("polling and detection", () => pipeline.stop());
  current = () => pipeline.current();

  return {
    url: page,
    store,
    failed,
    async reload(next) {
      try {
        await pipeline.replace(next);
        metrics.config.reloadOk.set({}, 1);
      } catch (error) {
        metrics.config.reloadOk.set({}, 0);
        throw error;
      }
    },
    refused: () => metrics.config.reloadOk.set({}, 0),
    async stop() {
      readiness.drain();
      await releasers.release();
    },
  };
}

/** The backup that the configuration asks for; kept where ticks are decided. */
async function openBackup(
  { config, roles }: AppOptions,
  store: { states: StateStore; redis: RedisClient; keys: Keys; networks: () => readonly string[] },
  { clocks, logger }: AppDeps,
): Promise<BackupKeeper | undefined> {
  const { backup } = config.retention;
  if (backup === undefined || !roles.includes("detect")) return undefined;
  return keepBackup(
    {
      folder: backup.folder ?? join(config.dataDir, "backup"),
      maxBytes: backup.maxBytes,
      segmentTicks: backup.snapshotTicks,
      networks: store.networks,
    },
    { ...store, ...clocks, logger },
  );
}

/** The URL of the Redis to use; an embedded server is started where none is named. */
async function openRedis(
  config: Config,
  deps: AppDeps,
  releasers: Releasers,
  fail: (error: unknown) => void,
): Promise<string> {
  const { url, serverBin, fetchServer } = config.redis;
  if (url !== undefined) return url;
  const embedded = await startEmbedded(
    { dataDir: config.dataDir, fetchServer, say: deps.say, ...(serverBin === undefined ? {} : { serverBin }) },
    { logger: deps.logger },
  );
  releasers.add("embedded Redis", () => embedded.stop());
  embedded.onDeath(fail);
  return embedded.url;
}
