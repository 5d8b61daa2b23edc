/** `hashfall demo`: the whole service against simulated pools, faster than life, without internet. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { Command, InvalidArgumentError } from "commander";
import { parseConfig } from "../config/load.ts";
import type { Config } from "../config/resolve/resolved.ts";
import { readSamples } from "../jobs/history.ts";
import type { DeliveredAlert } from "../model/alert.ts";
import { HashfallError } from "../model/errors.ts";
import type { Sample } from "../model/sample.ts";
import { makeLogger } from "../runtime/log.ts";
import { packageVersion } from "../runtime/version.ts";
import { demoConfigPath, demoConfigText } from "../simulate/demo-config.ts";
import { launchSimulator, stopSimulator } from "../simulate/launch.ts";
import { scenarioNamed } from "../simulate/scenarios/registry.ts";
import { type ClockLeg, makeWaitingClock } from "../simulate/waiting-clock.ts";
import { alertLine } from "./alert-line.ts";
import { parseHost, parsePort, wholeNumber } from "./arguments.ts";
import { stopInTime, untilStopped } from "./until-stopped.ts";

interface DemoOptions {
  readonly scenario: string;
  readonly speed: number;
  readonly seed: number;
  readonly host?: string;
  readonly port: number;
  readonly data?: string;
  readonly logLevel: string;
}

/** A five-minute tick a second: the shortest that the scheduler has, and a blackout of hours takes half a minute. */
const DEFAULT_SPEED = 300;
/** Two simulated days warm the baselines, so that the story begins with a detector that knows its pools. */
const HISTORY_HOURS = 48;
const LOOK_EVERY_MS = 1_000;

export function demoCommand(): Command {
  return new Command("demo")
    .description(
      "Runs the whole service against simulated pools on loopback. The pools' figures are invented; the code is not.",
    )
    .option("--scenario <name>", "kazakhstan-2022, crackdown-2022, china-2021 or calm", "kazakhstan-2022")
    .option("--speed <number>", "data seconds per real second", positive, DEFAULT_SPEED)
    .option("--seed <number>", "which world is drawn", wholeNumber(0, 2 ** 31), 1)
    .option("--host <address>", "address to bind; 127.0.0.1 if absent", parseHost)
    .option("--port <number>", "port of the page, 0 for any free one", parsePort, 8080)
    .option("--data <folder>", "keep the data here and go on with it next time; a fresh folder if absent")
    .option("--log-level <level>", "what the service logs besides the story", "warn")
    .action((options: DemoOptions) => demo(options));
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 300)) throw new InvalidArgumentError("Allowed is a number above 0, up to 300.");
  return value;
}

async function demo(options: DemoOptions): Promise<void> {
  // An unknown scenario is told before anything is started or written.
  const configPath = demoConfigPath(options.scenario);
  // From the first moment on: a signal during the start must not leave the simulator behind.
  const stopping = untilStopped();
  const kept = options.data !== undefined;
  const dataDir = kept ? resolve(options.data) : mkdtempSync(join(tmpdir(), "hashfall-demo-"));
  const stateFile = join(dataDir, "simulator.json");
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  const cleanUp = async (): Promise<void> => {
    await stopSimulator(stateFile);
    if (!kept) rmSync(dataDir, { recursive: true, force: true });
  };
  const goesOn = existsSync(stateFile);
  let stopLooking = (): void => undefined;
  try {
    const { scenario, seed, speed } = options;
    // The service is loaded while the simulator starts.
    const [sim, { startApp }] = await Promise.all([
      launchSimulator({ scenario, seed, speed, stateFile }),
      import("../app.ts"),
    ]);
    if (goesOn && !sim.reused) {
      throw new HashfallError(
        "DEMO_STORY_OVER",
        `${dataDir} holds a story whose simulator has ended; name an empty folder with --data, or leave it out`,
      );
    }
    const text = demoConfigText(scenario, sim.url);
    const config = parseConfig(text, { file: configPath });
    const logger = makeLogger(options.logLevel);
    say(scenarioNamed(scenario).label);
    say(`simulated pools at ${sim.url}, ${speed} times as fast as life`);
    const clock = makeWaitingClock(
      { leg: { ...sim, until: null }, speed, intervalMs: intervalOf(config) },
      { real: { now: () => Date.now() }, tell: (leg) => void tellSimulator(sim.url, leg) },
    );
    const looking = setInterval(clock.look, LOOK_EVERY_MS);
    stopLooking = () => clearInterval(looking);
    const app = await startApp(
      {
        config: {
          ...config,
          dataDir,
          server: { ...config.server, host: options.host ?? "127.0.0.1", port: options.port },
        },
        roles: ["poll", "detect", "serve"],
        version: packageVersion(),
        history: () => simulatedHistory(sim.url),
        onDecided: clock.decided,
      },
      { clocks: clock.clocks, logger, env: process.env, say },
    );
    say(`hashfall is at ${app.url}   (ctrl-c ends it)`);
    const telling = new AbortController();
    const tell = (alerts: readonly DeliveredAlert[]): void => {
      for (const alert of alerts) say(alertLine(alert, { colour: process.stdout.isTTY === true }));
    };
    const told = app.store.alertLog.follow(await app.store.alertLog.tail(), tell, telling.signal);
    try {
      await Promise.race([stopping, app.failed]);
      say("stopping");
    } finally {
      telling.abort();
      await told.catch(() => undefined);
      await stopInTime(app, logger);
    }
  } finally {
    stopLooking();
    await cleanUp();
  }
}

/** The shortest: the next tick of any network is waited for. */
function intervalOf({ networks }: Config): number {
  return Math.min(...networks.map(({ intervalMs }) => intervalMs));
}

/** The simulated world waits as the service does. One leg that is lost is made good by the next. */
async function tellSimulator(url: string, leg: ClockLeg): Promise<void> {
  const headers = { "content-type": "application/json" };
  await fetch(`${url}/sim/clock`, { method: "POST", headers, body: JSON.stringify(leg) }).catch(() => undefined);
}

/** What the simulated pools would have shown before the story begins. */
async function* simulatedHistory(url: string): AsyncGenerator<Sample> {
  const response = await fetch(`${url}/sim/history?hours=${HISTORY_HOURS}`);
  if (!response.ok || response.body === null) {
    throw new HashfallError("SIMULATOR_FAILED", `the simulator answered ${response.status} to its history`, {
      kind: "temporary",
    });
  }
  yield* readSamples(Readable.fromWeb(response.body as import("node:stream/web").ReadableStream), (line, why) => {
    throw new HashfallError("SIMULATOR_FAILED", `the simulator's history, line ${line}: ${why}`);
  });
}
