/** The service from its start to its end: started, reloaded when its file changes, stopped by a signal. */
import { type AppDeps, type AppOptions, startApp } from "../app.ts";
import type { Config } from "../config/resolve/resolved.ts";
import { watchConfig } from "../config/watch.ts";
import { startWatchdog } from "../runtime/watchdog.ts";
import { stopInTime, untilStopped } from "./until-stopped.ts";

export interface ServiceOptions extends AppOptions {
  /** The file that `config` was read from, and that a reload reads. */
  readonly configPath: string;
  /** What stands above the file, also above every later version of it. */
  readonly override: (config: Config) => Config;
}

const LEFT_OPEN_MS = 1_000;

/** Resolves after a clean end; rejects when the service cannot start or a part of it is lost for good. */
export async function runService(options: ServiceOptions, deps: AppDeps): Promise<void> {
  // A start may take longer than systemd waits for a sign of life: it fetches a Redis, or reads years of history.
  const watchdog = startWatchdog(deps);
  try {
    await runWatched(options, deps);
  } finally {
    await watchdog?.stop();
  }
}

async function runWatched(options: ServiceOptions, deps: AppDeps): Promise<void> {
  const { configPath, override, roles } = options;
  const { logger, say } = deps;
  // From the first moment on: a signal during the start ends it cleanly too, once there is something to stop.
  const stopping = untilStopped();
  const app = await startApp(options, deps);
  const watch = watchConfig(
    configPath,
    (next) => {
      app.reload(override(next)).then(
        () => logger.info({ file: configPath }, "the new configuration is in force"),
        (error: unknown) =>
          logger.error({ err: error }, "the new configuration did not start; the old one stays in force"),
      );
    },
    (error) => {
      app.refused();
      logger.error({ err: error }, "the new configuration was refused; the old one stays in force");
    },
  );
  say(app.url === null ? `hashfall runs (${roles.join(", ")})` : `hashfall is at ${app.url}`);
  try {
    await Promise.race([stopping, app.failed]);
    say("stopping");
  } finally {
    watch.close();
    await stopInTime(app, logger);
    // A connection that waits for a Redis that is away must not keep the process.
    setTimeout(() => process.exit(), LEFT_OPEN_MS).unref();
  }
}
