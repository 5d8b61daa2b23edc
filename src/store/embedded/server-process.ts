/** One run of redis-server as our child: started, ready, ended. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { ServerBinary } from "./server-binary.ts";
import { startFailure } from "./start-failure.ts";
import { wrap } from "./wrapper.ts";

export interface ServerOptions {
  readonly binary: ServerBinary;
  readonly dataDir: string;
  readonly socketPath: string;
  readonly lockFd: number;
  readonly setpriv: boolean;
  readonly env: NodeJS.ProcessEnv;
}

export interface ServerProcess {
  /** Fulfilled with the server's last lines when it has ended, whoever ended it. */
  readonly ended: Promise<readonly string[]>;
  /** Lets it write its file out and end; by force when it does not. */
  stop(): Promise<void>;
}

const KEPT_LINES = 30;
const STOP_MS = 15_000;
const POLL_MS = 5;
/** A server that does not even listen by then never will; one that is loading its file may take its time. */
const LISTEN_MS = 30_000;

function serverArguments({ dataDir, socketPath }: ServerOptions): string[] {
  return [
    ...["--port", "0", "--unixsocket", socketPath, "--unixsocketperm", "700", "--daemonize", "no"],
    ...["--dir", join(dataDir, "redis"), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""],
    // BullMQ's delayed jobs are 71 ms late at the default of 10 and 7 ms at 100.
    ...["--maxmemory-policy", "noeviction", "--hz", "100"],
  ];
}

/** What a server answers to PING, first line; undefined when nobody listens. */
async function ping(socketPath: string): Promise<string | undefined> {
  const socket = connect(socketPath);
  socket.setTimeout(1_000, () => socket.destroy());
  // Every end is a close; an error comes before it and says no more than that.
  socket.on("error", () => {});
  socket.write("PING\r\n");
  try {
    const [answer] = await Promise.race([once(socket, "data"), once(socket, "close").then(() => [])]);
    return answer === undefined ? undefined : String(answer);
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

/** Ends the whole group: the wrapper, its watcher and the server. */
function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nobody is left.
  }
}

/** Starts the server, and returns when it answers. Throws `HashfallError` (see `startFailure`) when it ends instead. */
export async function startServer(options: ServerOptions, deps: { logger: Logger }): Promise<ServerProcess> {
  const [shell = "sh", ...args] = wrap([options.binary.command, ...serverArguments(options)], options);
  const child = spawn(shell, args, {
    // A group of its own: ^C in a terminal goes to us alone, and we close things in order.
    detached: true,
    env: { ...options.env, ...options.binary.env, LC_ALL: "C" },
    // 3 is the pipe whose end the wrapper waits for; 4 keeps the lock on the folder while any of them lives.
    stdio: ["ignore", "pipe", "pipe", "pipe", options.lockFd],
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr] as Readable[]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      deps.logger.debug({ line }, "redis-server");
    });
  }
  const pipe = child.stdio[3] as unknown as Readable;
  pipe.on("error", () => {});
  let isOver = false;
  const ended = new Promise<readonly string[]>((resolve) => {
    const end = (): void => {
      isOver = true;
      resolve(lines);
    };
    child.once("error", (error) => {
      lines.push(error.message);
      end();
    });
    child.once("exit", (_code, signal) => {
      // The wrapper was killed before its server: the server must not outlive it.
      if (signal !== null) killGroup(child);
    });
    child.once("close", end);
  });

  async function stop(): Promise<void> {
    pipe.destroy();
    const timer = setTimeout(() => killGroup(child), STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  const deadline = performance.now() + LISTEN_MS;
  for (
    let answer = await ping(options.socketPath);
    !answer?.startsWith("+PONG");
    answer = await ping(options.socketPath)
  ) {
    if (isOver) throw startFailure(lines, options.dataDir);
    if (answer === undefined && performance.now() > deadline) {
      await stop();
      throw startFailure([...lines, `it did not listen within ${LISTEN_MS / 1000} s`], options.dataDir);
    }
    await delay(POLL_MS);
  }
  return { ended, stop };
}
