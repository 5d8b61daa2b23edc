/** `hashfall export`: stored samples as NDJSON, ready for `hashfall replay`. */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { Command, InvalidArgumentError } from "commander";
import { loadConfigFile } from "../config/load.ts";
import { defaultConfigPath } from "../config/paths.ts";
import type { Config } from "../config/resolve/resolved.ts";
import { systemClocks } from "../model/clock.ts";
import { HashfallError, messageOf } from "../model/errors.ts";
import { parseTime } from "../model/sample-line.ts";
import { makeLogger } from "../runtime/log.ts";
import { checkServer } from "../store/check-server.ts";
import { makeConnections } from "../store/connect.ts";
import { openStored } from "../store/embedded/open-stored.ts";
import { exportTicks } from "../store/export-lines.ts";
import { makeStore, type Store } from "../store/store.ts";

interface ExportOptions {
  readonly from?: number;
  readonly to?: number;
  readonly network?: string;
  readonly config: string;
  readonly data?: string;
  readonly output: string;
}

const EXAMPLES = `
Ticks from --from to --to, both included, and their rows, one JSON object a line. The service may be running or not.

Examples:
  $ hashfall export --from 2022-01-04T00:00:00Z --to 2022-01-06T00:00:00Z --output seen.ndjson
  $ hashfall export --data ./data | hashfall replay --config my.yaml --input - --output -`;

export function exportCommand(): Command {
  return new Command("export")
    .description("Writes stored samples as NDJSON: what a live run saw, ready for replay.")
    .option("--from <time>", "first tick, like 2022-01-05T10:30:00Z; the oldest if absent", time)
    .option("--to <time>", "last tick; the newest if absent", time)
    .option("--network <name>", "only this network")
    .option("--config <file>", "configuration (YAML) of the service", defaultConfigPath())
    .option("--data <folder>", "folder of the embedded Redis")
    .option("--output <file>", "where to write; - is standard output", "-")
    .addHelpText("after", EXAMPLES)
    .action((options: ExportOptions) => exportSamples(options));
}

function time(text: string): number {
  const at = parseTime(text);
  if (!Number.isFinite(at)) {
    throw new InvalidArgumentError("Allowed is ISO 8601 with a zone, like 2022-01-05T10:30:00Z.");
  }
  return at;
}

function networksOf(config: Config, only: string | undefined, file: string): readonly string[] {
  const names = config.networks.map(({ name }) => name);
  if (only === undefined) return names;
  if (!names.includes(only)) {
    const why = `--network ${only} is not in ${file}; it has ${names.join(", ")}`;
    throw new HashfallError("NETWORK_UNKNOWN", why);
  }
  return [only];
}

async function exportSamples(options: ExportOptions): Promise<void> {
  const { from = 0, to = Number.MAX_SAFE_INTEGER } = options;
  if (from > to) throw new HashfallError("SPAN_INVALID", "--from is after --to");
  const config = await loadConfigFile(options.config, { storeOnly: true });
  const networks = networksOf(config, options.network, options.config);
  const query = { networks, from, to, nameNetwork: config.networks.length > 1 };
  const counted = await withStore(config, options.data, (store) => writeOut(store, query, options.output));
  process.stderr.write(`exported ${counted.rows} rows of ${counted.ticks} ticks (${networks.join(", ")})\n`);
}

/** Uses the store of a service, on the Redis that is configured or on that of its data folder, and closes it again. */
async function withStore<T>(
  config: Config,
  dataDir: string | undefined,
  use: (store: Store) => Promise<T>,
): Promise<T> {
  const logger = makeLogger("warn");
  const { url, serverBin, fetchServer, keyTag } = config.redis;
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  const named = serverBin === undefined ? {} : { serverBin };
  const stored =
    url === undefined || dataDir !== undefined
      ? await openStored({ dataDir: dataDir ?? config.dataDir, fetchServer, say, ...named }, { logger })
      : { url, close: () => Promise.resolve() };
  const connections = makeConnections({ url: stored.url }, { logger });
  try {
    const redis = connections.open("command");
    await checkServer(redis);
    const openFollower = () => connections.open("follow");
    return await use(makeStore({ keyTag }, { redis, openFollower, real: systemClocks().real, logger }));
  } finally {
    await connections.close();
    await stored.close();
  }
}

type Query = Parameters<typeof exportTicks>[0];
interface Counted {
  readonly ticks: number;
  readonly rows: number;
}

/** A file appears under its name when it is complete. */
async function writeOut(store: Store, query: Query, output: string): Promise<Counted> {
  if (output === "-") return writeTicks(store, query, process.stdout);
  const unfinished = `${output}.part`;
  const file = createWriteStream(unfinished);
  try {
    const counted = await writeTicks(store, query, file);
    file.end();
    await finished(file);
    await rename(unfinished, output);
    return counted;
  } catch (error) {
    file.destroy();
    await rm(unfinished, { force: true });
    if (error instanceof HashfallError) throw error;
    throw new HashfallError("OUTPUT_FAILED", `${output} could not be written: ${messageOf(error)}`, { cause: error });
  }
}

async function writeTicks(store: Store, query: Query, out: Writable): Promise<Counted> {
  let failure: Error | undefined;
  const fail = (error: Error): void => {
    failure = error;
  };
  out.once("error", fail);
  let [ticks, rows] = [0, 0];
  for await (const tick of exportTicks(query, store.samples)) {
    if (failure !== undefined) break;
    ticks++;
    rows += tick.rows;
    // Waiting ends by an error too: `once` rejects with it.
    if (!out.write(tick.text)) await once(out, "drain").catch(fail);
  }
  // A reader that has seen enough (`| head`) closes the pipe; that is no fault.
  const isClosedPipe = failure !== undefined && "code" in failure && failure.code === "EPIPE";
  if (failure !== undefined && !isClosedPipe) throw failure;
  return { ticks, rows };
}
