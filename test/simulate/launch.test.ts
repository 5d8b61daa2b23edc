import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { launchSimulator, stopSimulator } from "../../src/simulate/launch.ts";

const BUILT_LAUNCH = new URL("../../dist/simulate/launch.js", import.meta.url).href;

let folder: string;
let stateFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hashfall-simulator-"));
  stateFile = join(folder, "simulator.json");
});
afterEach(async () => {
  await stopSimulator(stateFile);
  rmSync(folder, { recursive: true, force: true });
});

const calm = () => ({ scenario: "calm", seed: 1, speed: 60, stateFile, idleExitSeconds: 60 });

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("the simulator as a process of its own", () => {
  it("is started once, found again by its state file, and ended for good", async () => {
    const first = await launchSimulator(calm());
    expect(first).toMatchObject({ scenario: "calm", seed: 1, speed: 60, reused: false });
    expect(JSON.parse(readFileSync(stateFile, "utf8"))).toMatchObject({ url: first.url, pid: first.pid });
    const again = await launchSimulator(calm());
    expect(again).toEqual({ ...first, reused: true });
    await stopSimulator(stateFile);
    expect([isRunning(first.pid), existsSync(stateFile)]).toEqual([false, false]);
  });

  it("survives the SIGKILL of the process that started it", async () => {
    const script = `import { launchSimulator } from ${JSON.stringify(BUILT_LAUNCH)};
      await launchSimulator(${JSON.stringify(calm())});
      process.kill(process.pid, "SIGKILL");`;
    const parent = spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: "inherit" });
    const signal = await new Promise((resolve) => parent.once("exit", (_, name) => resolve(name)));
    expect(signal).toBe("SIGKILL");
    const found = await launchSimulator(calm());
    expect(found.reused).toBe(true);
    expect((await fetch(`${found.url}/sim/clock`)).status).toBe(200);
  });

  it("starts anew when the one that is written down is gone, or tells another story", async () => {
    const first = await launchSimulator(calm());
    process.kill(first.pid, "SIGKILL");
    await expect.poll(() => isRunning(first.pid)).toBe(false);
    const second = await launchSimulator(calm());
    expect(second).toMatchObject({ reused: false });
    const other = await launchSimulator({ ...calm(), scenario: "kazakhstan-2022" });
    expect(other).toMatchObject({ scenario: "kazakhstan-2022", reused: false });
    expect(isRunning(second.pid)).toBe(false);
  });

  it("never ends a process that is not the one written down", async () => {
    const bystander = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    const state = {
      url: "http://127.0.0.1:9",
      pid: bystander.pid,
      scenario: "calm",
      seed: 1,
      dataStart: 0,
      realStart: 0,
      speed: 1,
    };
    writeFileSync(stateFile, JSON.stringify(state));
    await stopSimulator(stateFile);
    expect(isRunning(bystander.pid!)).toBe(true);
    bystander.kill("SIGKILL");
  });

  it("ends by itself when nobody asks any more", async () => {
    const { pid } = await launchSimulator({ ...calm(), idleExitSeconds: 0.3 });
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  it("says why it could not start", async () => {
    const starting = launchSimulator({ ...calm(), start: 0 });
    await expect(starting).rejects.toMatchObject({
      code: "SIMULATOR_FAILED",
      message: expect.stringContaining("2022-02-02T00:00:00Z or later"),
    });
    const unbuilt = launchSimulator({ ...calm(), entry: fileURLToPath(new URL("absent.js", import.meta.url)) });
    await expect(unbuilt).rejects.toMatchObject({ code: "SIMULATOR_NOT_BUILT" });
  });
});
