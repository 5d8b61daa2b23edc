/**
 * The tests need a real redis-server, and a fresh machine may have none: it is found, or fetched without root, exactly as
 * the service does it, and put on the PATH of every test.
 */
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { findServer } from "../../src/store/embedded/find-server.ts";
import { thisSystem } from "../../src/store/embedded/operating-system.ts";

let folder: string | undefined;

export async function setup(): Promise<void> {
  const say = (line: string): void => console.log(line);
  const server = await findServer({ fetchServer: true, env: process.env, system: thisSystem(), say });
  if (/(^|\/)redis-server$/.test(server.command) && Object.keys(server.env).length === 0) return;
  folder = mkdtempSync(join(tmpdir(), "hf-redis-"));
  symlinkSync(server.command, join(folder, "redis-server"));
  Object.assign(process.env, server.env, { PATH: [folder, process.env.PATH ?? ""].join(delimiter) });
}

export function teardown(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
}
