import { EventEmitter, once } from "node:events";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Config } from "../../src/config/resolve/resolved.ts";
import { type ConfigWatch, watchConfig } from "../../src/config/watch.ts";
import { messageOf } from "../../src/model/errors.ts";

const config = (interval: string) =>
  `networks: {bitcoin: {weights: weights.yaml, interval: ${interval}, pools: {a: {}}}}\n`;
const weights = (kz: number) => `bitcoin: {a: {regions: {KZ: ${kz}}}}\n`;

let folder: string;
let path: string;
let watch: ConfigWatch | undefined;
let said: EventEmitter;
let changes: Config[];
let errors: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hashfall-watch-"));
  path = join(folder, "config.yaml");
  writeFileSync(path, config("5m"));
  writeFileSync(join(folder, "weights.yaml"), weights(0.1));
  said = new EventEmitter();
  changes = [];
  errors = [];
});
afterEach(() => {
  watch?.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(options: { pollMs?: number } = { pollMs: 5 }): ConfigWatch {
  watch = watchConfig(
    path,
    (next) => {
      changes.push(next);
      said.emit("change");
    },
    (error) => {
      errors.push(messageOf(error));
      said.emit("refused");
    },
    { env: {}, ...options },
  );
  return watch;
}

describe("a watched configuration", () => {
  it("is read again when it changes", async () => {
    await start().reload();
    const change = once(said, "change");
    writeFileSync(path, config("10m"));
    await change;
    expect(changes.at(-1)?.networks[0]?.intervalMs).toBe(600_000);
  });

  it("is read again when an editor replaces the file", async () => {
    await start().reload();
    const change = once(said, "change");
    writeFileSync(`${path}.new`, config("15m"));
    renameSync(`${path}.new`, path);
    await change;
    expect(changes.at(-1)?.networks[0]?.intervalMs).toBe(900_000);
  });

  it("is read again when its weights change", async () => {
    await start().reload();
    const change = once(said, "change");
    writeFileSync(join(folder, "weights.yaml"), weights(0.35));
    await change;
    expect(changes.at(-1)?.networks[0]?.model.pools[0]?.regions[0]).toMatchObject({ region: "KZ", weight: 0.35 });
  });

  it("that is bad is refused and said once, and a good one is taken after it", async () => {
    await start().reload();
    const refused = once(said, "refused");
    writeFileSync(path, config("7m"));
    await refused;
    expect(errors).toEqual([
      expect.stringMatching(/config\.yaml:1:\d+: networks\.bitcoin\.interval: "7m" is not allowed/),
    ]);
    expect(changes).toHaveLength(1);
    const change = once(said, "change");
    writeFileSync(path, config("20m"));
    await change;
    expect(changes.at(-1)?.networks[0]?.intervalMs).toBe(1_200_000);
    expect(errors).toHaveLength(1);
  });

  it("that vanishes is refused and said", async () => {
    await start().reload();
    const refused = once(said, "refused");
    rmSync(path);
    await refused;
    expect(errors[0]).toContain("there is no such file");
  });

  it("is read again on SIGHUP, even when nothing changed", async () => {
    start({ pollMs: 60_000 });
    const change = once(said, "change");
    process.kill(process.pid, "SIGHUP");
    await change;
    expect(changes).toHaveLength(1);
  });

  it("leaves no listener and no timer behind when it is closed", () => {
    const before = process.listenerCount("SIGHUP");
    start().close();
    expect(process.listenerCount("SIGHUP")).toBe(before);
  });
});
