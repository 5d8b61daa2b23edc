/** A Redis of the bench's own, on a socket in a folder that is removed with it. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";

/** Starts it; `open` makes another client, `used` reads what it has done so far. */
export async function startRedis() {
  const folder = mkdtempSync(join(tmpdir(), "hashfall-bench-"));
  const socket = join(folder, "redis.sock");
  const server = spawn("redis-server", ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", ""], {
    stdio: "ignore",
  });
  const clients = new Set();
  const open = (options = {}) => {
    const client = new Redis(socket, { maxRetriesPerRequest: null, ...options }).on("error", () => {});
    clients.add(client);
    return client;
  };
  const redis = open();
  while ((await redis.ping().catch(() => "")) !== "PONG") await delay(10);
  return {
    ...{ redis, open, socket, pid: server.pid },
    /** Commands processed and bytes moved since the start. */
    async used() {
      const info = await redis.info("stats");
      const value = (name) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1]);
      return {
        commands: value("total_commands_processed"),
        bytesIn: value("total_net_input_bytes"),
        bytesOut: value("total_net_output_bytes"),
      };
    },
    stop() {
      for (const client of clients) client.disconnect();
      server.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
