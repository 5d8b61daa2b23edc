/** `hashfall start`: the service. */
import { Command, InvalidArgumentError } from "commander";
import type { Logger } from "pino";
import { loadConfigFile } from "../config/load.ts";
import { defaultConfigPath } from "../config/paths.ts";
import type { Config } from "../config/resolve/resolved.ts";
import { readSampleFile } from "../jobs/history.ts";
import { systemClocks } from "../model/clock.ts";
import { HashfallError } from "../model/errors.ts";
import { makeLogger } from "../runtime/log.ts";
import { ROLES, type Role } from "../runtime/roles.ts";
import { packageVersion } from "../runtime/version.ts";
import { parseHost, parsePort } from "./arguments.ts";
import { startNotices } from "./start-notices.ts";

interface StartOptions {
  readonly config: string;
  readonly roles: readonly Role[];
  readonly host?: string;
  readonly port?: number;
  readonly data?: string;
  readonly history?: string;
}

export function startCommand(): Command {
  return new Command("start")
    .description("Runs the service: polls pools, detects, serves page, REST, WebSocket and /metrics.")
    .option("--config <file>", "configuration (YAML)", defaultConfigPath())
    .option("--roles <list>", `any of ${ROLES.join(",")}`, parseRoles, [...ROLES])
    .option("--host <address>", "address to bind; 127.0.0.1 unless the configuration says otherwise", parseHost)
    .option(
      "--port <number>",
      "port to bind, 0 for any free one; without the role serve only for /metrics and probes",
      parsePort,
    )
    .option("--data <folder>", "folder of the embedded Redis")
    .option("--history <file>", "samples (NDJSON, as written by export) that warm a new detector; they raise no alert")
    .action((options: StartOptions) => start(options));
}

function parseRoles(text: string): readonly Role[] {
  const roles = text.split(",").map((word) => word.trim());
  const wrong = roles.find((role) => !ROLES.includes(role as Role));
  if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is no role; allowed are ${ROLES.join(", ")}.`);
  return roles as Role[];
}

/** A port for the command line. */
/** What the command line says stands above the file. */
function overridden(config: Config, options: StartOptions): Config {
  return {
    ...config,
    ...(options.data === undefined ? {} : { dataDir: options.data }),
    server: {
      ...config.server,
      ...(options.host === undefined ? {} : { host: options.host }),
      ...(options.port === undefined ? {} : { port: options.port }),
    },
  };
}

/** Opens the file anew for every network; a line that cannot be used is told once. */
function historyOf(file: string, logger: Logger) {
  let told = 0;
  return () =>
    readSampleFile(file, (line, why) => {
      if (line <= told) return;
      told = line;
      logger.warn({ file, line, why }, "a line of history was skipped");
    });
}

async function start(options: StartOptions): Promise<void> {
  const config = overridden(await loadConfigFile(options.config), options);
  const isPushed = (config.server.push ?? []).length > 0;
  if (options.roles.includes("poll") && !isPushed && config.networks.every(({ sources }) => sources.length === 0)) {
    throw new HashfallError(
      "NO_SOURCES",
      `${options.config}: no pool has a source, so there is nothing to poll; give "source:" to a pool, let somebody push (server.push), or use replay`,
    );
  }
  const logger = makeLogger(config.logLevel);
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  for (const notice of startNotices(config, systemClocks().data.now())) say(notice);
  // Loaded once there is a configuration to run: what is wrong with one is said in a third of the time.
  const { runService } = await import("./run-service.ts");
  await runService(
    {
      config,
      configPath: options.config,
      override: (next) => overridden(next, options),
      roles: options.roles,
      version: packageVersion(),
      // Several roles may share a machine: without `serve` only a port that was named is bound.
      probes: options.port !== undefined,
      ...(options.history === undefined
        ? {}
        : {
            history: historyOf(options.history, logger),
          }),
    },
    { clocks: systemClocks(), logger, env: process.env, say },
  );
}
