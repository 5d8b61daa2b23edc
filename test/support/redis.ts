/** A real redis-server for one test file, on a unix socket in a folder of its own, gone with the test process. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Redis, type RedisOptions } from "ioredis";

export interface TestRedis {
  /** `unix:///tmp/.../redis.sock`, as REDIS_URL takes it. */
  readonly url: string;
  readonly socketPath: string;
  readonly dir: string;
  /** A connection of its own, with an error listener; closed by `stop`. BullMQ workers need `{ maxRetriesPerRequest: null }`. */
  client(options?: Partial<RedisOptions>): Redis;
  /** SIGKILL; returns when the process is gone. With `appendonly` what was written is there after `start`. */
  kill(): Promise<void>;
  /** Starts again on the same folder and socket after `kill`. */
  start(): Promise<void>;
  /** Disconnects the clients, kills the server, removes the folder. */
  stop(): Promise<void>;
}

export interface TestRedisOptions {
  /** AOF on (default off): what was written survives `kill` and `start`. */
  readonly appendonly?: boolean;
  /** More arguments for redis-server, like `["--maxmemory-policy", "allkeys-lru"]`. */
  readonly args?: readonly string[];
}

/** Starts redis-server (about 11 ms) and returns when it takes connections. */
export async function startTestRedis(options: TestRedisOptions = {}): Promise<TestRedis> {
  const dir = mkdtempSync("/tmp/hf-test-");
  const socketPath = join(dir, "redis.sock");
  const argv = [
    ...["redis-server", "--port", "0", "--unixsocket", socketPath, "--dir", dir, "--save", ""],
    ...["--appendonly", options.appendonly ? "yes" : "no", "--maxmemory-policy", "noeviction", "--hz", "100"],
    ...(options.args ?? []),
  ];
  // The kernel ends the server when a test process is killed; elsewhere only `stop` does.
  const prefix = spawnSync("setpriv", ["--version"]).status === 0 ? ["setpriv", "--pdeathsig", "KILL", "--"] : [];
  const [command = "", ...args] = [...prefix, ...argv];
  const clients: Redis[] = [];
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const started = spawn(command, args, { stdio: ["ignore", "pipe", "inherit"] });
    child = started;
    const said: string[] = [];
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: started.stdout }).on("line", (line) => {
        said.push(line);
        if (/ready to accept connections/i.test(line)) resolve();
      });
      started.once("error", reject);
      started.once("exit", (code) => reject(new Error(`redis-server exited with ${code}:\n${said.join("\n")}`)));
    });
  }

  async function kill(): Promise<void> {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  await start();
  return {
    url: `unix://${socketPath}`,
    socketPath,
    dir,
    client(extra = {}) {
      const client = new Redis(socketPath, { retryStrategy: () => 20, ...extra } as RedisOptions & {
        replyMapping: "legacy";
      });
      client.on("error", () => {});
      clients.push(client);
      return client;
    },
    kill,
    start,
    async stop() {
      for (const client of clients) client.disconnect();
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
