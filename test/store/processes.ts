/** What tests of the embedded server need to know of processes. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { onTestFinished } from "vitest";

/** As `pretest` builds it. */
const START_EMBEDDED = new URL("../../dist/store/embedded/start-embedded.js", import.meta.url).href;

export function temporaryFolder(): string {
  const folder = mkdtempSync("/tmp/hf-test-");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A zombie is not running: nobody has asked for its status, that is all. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** Parent and process group of a process. */
export function ancestry(pid: number): { parent: number; group: number } {
  const [, parent, group] = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return { parent: Number(parent), group: Number(group) };
}

export function clientOf(socketPath: string): Redis {
  const client = new Redis(socketPath, { retryStrategy: () => 10 });
  client.on("error", () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

export async function serverPid(client: Redis): Promise<number> {
  return Number(/^process_id:(\d+)/m.exec(await client.info("server"))?.[1]);
}

/** A program that starts the embedded server on the folder it is given, says its socket's path, and goes on living. */
export function writeParent(): { readonly program: string; remove(): void } {
  const folder = mkdtempSync("/tmp/hf-test-parent-");
  const program = join(folder, "parent.mjs");
  writeFileSync(
    program,
    `import { startEmbedded } from ${JSON.stringify(START_EMBEDDED)};
const quiet = () => {};
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet, fatal: quiet };
const redis = await startEmbedded({ dataDir: process.argv[2], fetchServer: false, say: quiet }, { logger });
console.log(redis.socketPath);
setInterval(quiet, 1000);
`,
  );
  return { program, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A program of a name that answers as told. */
export function fakeProgram(folder: string, name: string, script: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}
