/**
 * The embedded Redis: a real redis-server as our child, on a unix socket and a data folder of its own. It dies with us,
 * it is started again when it dies by itself, and a second hashfall on the same folder is refused.
 */
import { resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import { HashfallError, messageOf } from "../../model/errors.ts";
import { findServer } from "./find-server.ts";
import { lockFolder, prepareFolder } from "./folder-lock.ts";
import { thisSystem } from "./operating-system.ts";
import { makeSocketPath, removeSocketFolder } from "./runtime-folder.ts";
import { type ServerOptions, type ServerProcess, startServer } from "./server-process.ts";
import { tellingLines } from "./start-failure.ts";
import { hasSetpriv } from "./wrapper.ts";

export interface EmbeddedOptions {
  readonly dataDir: string;
  /** Named by the configuration; else REDIS_SERVER_BIN, PATH, the cache, the package archive. */
  readonly serverBin?: string;
  readonly fetchServer: boolean;
  /** Tells the user what is being done, where it takes more than a moment. */
  readonly say: (line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

export interface EmbeddedRedis {
  readonly socketPath: string;
  /** For `makeConnections`. */
  readonly url: string;
  /** Like `Redis 7.0.15`. */
  readonly version: string;
  /** Ends the server and frees the folder; safe to call twice. */
  stop(): Promise<void>;
  /** Called once if the server keeps dying and is given up: nothing works any more. At once if that has happened. */
  onDeath(listener: (error: HashfallError) => void): void;
}

/** Give up when the server has ended this often... */
const EXITS_ALLOWED = 3;
/** ... within this time. */
const EXITS_WITHIN_MS = 60_000;
const BACKOFF_MS = 200;

/**
 * Throws `HashfallError`: DATA_DIR_UNWRITABLE, DATA_DIR_IN_USE (temporary), REDIS_NOT_FOUND, REDIS_SERVER_BIN_INVALID,
 * REDIS_AOF_DAMAGED, REDIS_START_FAILED (temporary), RUNTIME_DIR_UNWRITABLE. Then nothing is left running or locked.
 */
export async function startEmbedded(
  options: EmbeddedOptions,
  deps: { readonly logger: Logger },
): Promise<EmbeddedRedis> {
  const { env = process.env } = options;
  const dataDir = resolve(options.dataDir);
  prepareFolder(dataDir);
  const lock = await lockFolder(dataDir);
  let stopped: Promise<void> | undefined;
  try {
    const { serverBin, fetchServer, say } = options;
    const named = serverBin === undefined ? {} : { serverBin };
    const binary = await findServer({ ...named, fetchServer, env, say, system: thisSystem() });
    const socketPath = makeSocketPath(dataDir, env);
    const server: ServerOptions = { binary, dataDir, socketPath, lockFd: lock.fd, setpriv: hasSetpriv(), env };
    const supervised = superviseServer(server, await startServer(server, deps), deps);
    deps.logger.info({ version: binary.version, command: binary.command, socketPath, dataDir }, "embedded Redis is up");
    return {
      socketPath,
      url: `unix://${socketPath}`,
      version: binary.version,
      onDeath: supervised.onDeath,
      stop() {
        stopped ??= supervised.stop().then(() => {
          removeSocketFolder(dataDir);
          lock.release();
        });
        return stopped;
      },
    };
  } catch (error) {
    removeSocketFolder(dataDir);
    lock.release();
    throw error;
  }
}

/** Starts the server again when it ends by itself. */
function superviseServer(
  options: ServerOptions,
  first: ServerProcess,
  { logger }: { readonly logger: Logger },
): { stop(): Promise<void>; onDeath(listener: (error: HashfallError) => void): void } {
  const stopping = new AbortController();
  const listeners: ((error: HashfallError) => void)[] = [];
  const exits: number[] = [];
  let death: HashfallError | undefined;
  let server: ServerProcess | undefined = first;

  function giveUp(error: HashfallError): void {
    death = error;
    logger.fatal({ code: error.code, why: error.message }, "the embedded Redis is given up");
    for (const listener of listeners) listener(error);
  }

  /** The reason to give up, or undefined after a pause that grows with the number of exits. */
  async function afterExit(lines: readonly string[]): Promise<HashfallError | undefined> {
    const now = performance.now();
    exits.push(now);
    const recent = exits.filter((at) => now - at < EXITS_WITHIN_MS).length;
    if (recent >= EXITS_ALLOWED) {
      const why = `the embedded redis-server ended ${recent} times within a minute; its last lines: ${tellingLines(lines)}`;
      return new HashfallError("REDIS_DIED", why, { kind: "temporary" });
    }
    logger.error({ lines: tellingLines(lines) }, "the embedded redis-server ended by itself; starting it again");
    await delay(BACKOFF_MS * 4 ** (recent - 1), undefined, { signal: stopping.signal }).catch(() => {});
    return undefined;
  }

  async function keepUp(): Promise<void> {
    let lines = await first.ended;
    while (!stopping.signal.aborted) {
      const reason = await afterExit(lines);
      if (stopping.signal.aborted) return;
      if (reason !== undefined) return giveUp(reason);
      try {
        server = await startServer(options, { logger });
        if (stopping.signal.aborted) await server.stop();
        lines = await server.ended;
      } catch (error) {
        if (error instanceof HashfallError && error.kind === "mistake") return giveUp(error);
        lines = [messageOf(error)];
      }
    }
  }

  const keptUp = keepUp();
  return {
    onDeath(listener) {
      listeners.push(listener);
      if (death !== undefined) listener(death);
    },
    async stop() {
      stopping.abort();
      await server?.stop();
      await keptUp;
    },
  };
}
