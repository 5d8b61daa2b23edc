/**
 * `hashfall start` on a clock that runs faster than life, for proofs of whole processes: the built service, put together
 * as its command does it. One JSON argument; see `service.ts`.
 */

import { runService } from "../../dist/commands/run-service.js";
import { loadConfigFile } from "../../dist/config/load.js";
import { scaledClocks } from "../../dist/model/clock.js";
import { failureOf } from "../../dist/runtime/exit.js";
import { makeLogger } from "../../dist/runtime/log.js";

const { configPath, roles, port, redisUrl, dataDir, clock, logLevel } = JSON.parse(process.argv[2]);

const override = (config) => ({
  ...config,
  dataDir,
  redis: { ...config.redis, ...(redisUrl === undefined ? {} : { url: redisUrl }) },
  server: { ...config.server, port },
});

try {
  const config = override(await loadConfigFile(configPath));
  const clocks =
    clock.speed === 1
      ? { data: { now: () => Date.now() }, real: { now: () => Date.now() }, speed: 1 }
      : scaledClocks(clock);
  const say = (line) => process.stdout.write(`${line}\n`);
  await runService(
    { config, configPath, override, roles, version: "0.0.0-test" },
    { clocks, logger: makeLogger(logLevel), env: process.env, say },
  );
} catch (error) {
  const { status, text } = failureOf(error, { debug: true });
  process.stderr.write(text);
  process.exit(status);
}
