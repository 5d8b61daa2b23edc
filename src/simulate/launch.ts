/**
 * The simulator as a process of its own, which a crash of the service does not take along. It ends when told to, or when
 * nobody has asked it anything for a while.
 */
import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { HashfallError, messageOf } from "../model/errors.ts";
import type { SimProcess } from "./server/serve.ts";
import { ClockLeg } from "./waiting-clock.ts";

/** Longest start: the world is drawn and advanced to its beginning, on a machine that is busy. */
const READY_WITHIN_MS = 30_000;
const ANSWERS_WITHIN_MS = 2_000;
const ENDS_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 25;
/** Longer than anybody restarts a service by hand, short enough that nothing is left running over night. */
const DEFAULT_IDLE_EXIT_SECONDS = 900;

const simProcess = z.object({
  url: z.url(),
  pid: z.number().int().positive(),
  scenario: z.string(),
  seed: z.number(),
  dataStart: z.number(),
  realStart: z.number(),
  speed: z.number().positive(),
});

export interface LaunchOptions {
  readonly scenario: string;
  readonly seed: number;
  /** Data seconds per real second. */
  readonly speed: number;
  /** Data time at which serving starts, ms; the scenario's own if absent. */
  readonly start?: number;
  /** Where the running simulator is written down, so that a service that comes again finds it. */
  readonly stateFile: string;
  readonly idleExitSeconds?: number;
  /** Script that runs the simulator; the built one if absent. */
  readonly entry?: string;
}

/**
 * The simulator that the state file names, if it still lives and tells the same story; else a new one, detached.
 *
 * @throws `HashfallError` `SIMULATOR_FAILED` with what the process said, `SIMULATOR_NOT_BUILT`
 */
export async function launchSimulator(options: LaunchOptions): Promise<SimProcess & { readonly reused: boolean }> {
  const stateFile = resolve(options.stateFile);
  const known = readState(stateFile);
  const clock = known === null ? null : await clockOf(known);
  if (known !== null && clock !== null) {
    const same = known.scenario === options.scenario && known.seed === options.seed && known.speed === options.speed;
    // Its time may have waited since it was written down.
    if (same) return { ...known, realStart: clock.realStart, dataStart: clock.dataStart, reused: true };
    await stopSimulator(stateFile);
  }
  mkdirSync(dirname(stateFile), { recursive: true });
  const started = await start(options, `${stateFile}.log`);
  const draft = `${stateFile}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(started)}\n`);
  renameSync(draft, stateFile);
  return { ...started, reused: false };
}

/** Ends the simulator that the state file names, and forgets it. Does nothing when there is none. */
export async function stopSimulator(stateFile: string): Promise<void> {
  const known = readState(resolve(stateFile));
  if (known !== null && (await clockOf(known)) !== null) await end(known);
  rmSync(stateFile, { force: true });
  rmSync(`${stateFile}.log`, { force: true });
}

/** Null when there is none, or it cannot be read: a new simulator is as good. */
function readState(stateFile: string): SimProcess | null {
  try {
    return simProcess.parse(JSON.parse(readFileSync(stateFile, "utf8")));
  } catch {
    return null;
  }
}

/** What time it is in the very process that is written down; null when it is gone: its id alone may by now belong to somebody else. */
async function clockOf(known: SimProcess): Promise<ClockLeg | null> {
  try {
    const response = await fetch(`${known.url}/sim/clock`, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    const said = ClockLeg.extend({ pid: z.number(), scenario: z.string() }).parse(await response.json());
    return said.pid === known.pid && said.scenario === known.scenario ? said : null;
  } catch {
    return null;
  }
}

async function end(known: SimProcess): Promise<void> {
  const until = Date.now() + ENDS_WITHIN_MS;
  try {
    process.kill(known.pid, "SIGTERM");
    while (Date.now() < until) {
      await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
      process.kill(known.pid, 0);
    }
    process.kill(known.pid, "SIGKILL");
  } catch {
    // It is gone.
  }
}

/** Built beside this file; from sources, the build's. */
function defaultEntry(): string {
  const here = fileURLToPath(import.meta.url);
  return here.endsWith(".ts")
    ? resolve(dirname(here), "../../dist/simulate/process.js")
    : resolve(dirname(here), "process.js");
}

async function start(options: LaunchOptions, logFile: string): Promise<SimProcess> {
  const entry = options.entry ?? defaultEntry();
  if (!existsSync(entry)) {
    throw new HashfallError("SIMULATOR_NOT_BUILT", `The simulator is not built (${entry}); run npm run build.`);
  }
  const args = {
    scenario: options.scenario,
    seed: options.seed,
    speed: options.speed,
    idleExitMs: (options.idleExitSeconds ?? DEFAULT_IDLE_EXIT_SECONDS) * 1000,
    ...(options.start === undefined ? {} : { start: options.start }),
  };
  const log = openSync(logFile, "w");
  const child = spawn(process.execPath, [entry, JSON.stringify(args)], {
    detached: true,
    stdio: ["ignore", "pipe", log],
  });
  closeSync(log);
  try {
    return await firstLine(child, logFile);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  } finally {
    // From here on it lives without us: neither its pipe nor its handle keeps this process.
    child.stdout?.destroy();
    child.unref();
  }
}

/** What it says when it is ready. Rejects when it ends, cannot be run, or takes too long before that. */
function firstLine(child: ReturnType<typeof spawn>, logFile: string): Promise<SimProcess> {
  return new Promise((done, failed) => {
    let text = "";
    const settle = (outcome: SimProcess | string) => {
      clearTimeout(timer);
      child.removeAllListeners("exit");
      child.stdout?.removeAllListeners("data");
      if (typeof outcome !== "string") return done(outcome);
      failed(new HashfallError("SIMULATOR_FAILED", `The simulator did not start: ${outcome}`, { kind: "temporary" }));
    };
    const timer = setTimeout(() => settle(`not ready within ${READY_WITHIN_MS / 1000} s`), READY_WITHIN_MS);
    child.stdout?.setEncoding("utf8");
    child.stdout?.on("data", (part: string) => {
      text += part;
      if (text.includes("\n")) settle(parsedLine(text.slice(0, text.indexOf("\n"))));
    });
    child.on("error", (error) => settle(messageOf(error)));
    child.once("exit", (code, signal) => {
      const said = readFileSync(logFile, "utf8").trim().slice(0, 500);
      settle(said === "" ? `it ended with ${code ?? signal}` : said);
    });
  });
}

function parsedLine(line: string): SimProcess | string {
  try {
    return simProcess.parse(JSON.parse(line));
  } catch (error) {
    return `it said ${line.slice(0, 200)} (${messageOf(error)})`;
  }
}
