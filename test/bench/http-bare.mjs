/** The rival of a start: an HTTP server that says it is healthy once a Redis of its own answers. */
import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { Redis } from "ioredis";

const [port, folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const socket = join(folder, "redis.sock");
const server = spawn("redis-server", ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", ""], {
  stdio: "ignore",
});
const redis = new Redis(socket, { retryStrategy: () => 10 }).on("error", () => {});
await redis.ping();
createServer((_, response) => response.end("ok")).listen(Number(port), "127.0.0.1");
process.on("SIGTERM", () => {
  server.kill("SIGKILL");
  process.exit(0);
});
