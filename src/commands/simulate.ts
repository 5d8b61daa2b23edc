/** `hashfall simulate`: a scenario's samples and labels as files, or a server that speaks the pools' formats. */
import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { HashfallError, messageOf } from "../model/errors.ts";
import { formatSampleLine, parseTime } from "../model/sample-line.ts";
import { labelsOf } from "../simulate/labels.ts";
import { simulateTicks } from "../simulate/samples.ts";
import type { Scenario } from "../simulate/scenarios/contract.ts";
import { SCENARIO_NAMES, scenarioNamed } from "../simulate/scenarios/registry.ts";
import { serveUntilStopped } from "../simulate/serve-process.ts";
import { wholeNumber } from "./arguments.ts";

const TICK_MS = 300_000;

interface Options {
  readonly scenario: string;
  readonly seed: number;
  readonly output?: string;
  readonly labels?: string;
  readonly serve?: boolean;
  readonly speed: number;
  readonly start?: number;
  readonly port: number;
  readonly idleExit?: number;
}

export function simulateCommand(): Command {
  return new Command("simulate")
    .summary("write a scenario's samples and labels, or serve them as pool APIs")
    .description(
      "Writes a scenario's samples (NDJSON, a row per pool and five minutes) and its labels, or serves the scenario in the formats of the pools' APIs. The same scenario and seed give the same world.",
    )
    .addOption(new Option("--scenario <name>", "what happens").choices(SCENARIO_NAMES).default("kazakhstan-2022"))
    .option("--seed <n>", "which of its worlds", wholeNumber(0, 2 ** 31), 1)
    .option("--output <file>", "where the samples go; - is standard output (default without --labels and --serve)")
    .option("--labels <file>", "where the ground truth goes, as JSON; - is standard output")
    .option("--serve", "serve on loopback; one JSON line on standard output says where")
    .option("--speed <n>", "with --serve: data seconds per real second", positive, 1)
    .option("--start <time>", "with --serve: data time at which serving begins, like 2022-01-05T08:00:00Z", time)
    .option("--port <n>", "with --serve: port; 0 takes any free one", wholeNumber(0, 65_535), 0)
    .option("--idle-exit <seconds>", "with --serve: end when nobody has asked for so long", positive)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const scenario = scenarioNamed(options.scenario);
  if (options.output === "-" && options.labels === "-") {
    throw new HashfallError("OUTPUT_TWICE", "--output and --labels both go to standard output; name a file for one.");
  }
  if (options.serve !== true) requireNoServerOptions(options);
  if (options.labels !== undefined) {
    await write(options.labels, [`${JSON.stringify(labelsOf(scenario, options.seed), null, 2)}\n`]);
  }
  const output = options.output ?? (options.labels === undefined && options.serve !== true ? "-" : undefined);
  if (output !== undefined) await write(output, lines(scenario, options.seed));
  if (options.serve !== true) return;
  const { start, idleExit, seed, speed, port } = options;
  await serveUntilStopped({
    scenario: scenario.name,
    seed,
    speed,
    port,
    ...(start === undefined ? {} : { start }),
    ...(idleExit === undefined ? {} : { idleExitMs: idleExit * 1000 }),
  });
}

function requireNoServerOptions(options: Options): void {
  const misplaced = options.start !== undefined ? "--start" : options.idleExit !== undefined ? "--idle-exit" : null;
  if (misplaced !== null)
    throw new HashfallError("OPTION_NEEDS_SERVE", `${misplaced} means something with --serve only.`);
}

function* lines(scenario: Scenario, seed: number): Generator<string> {
  const range = { from: scenario.startsAt, to: scenario.endsAt, intervalMs: TICK_MS };
  for (const tick of simulateTicks(scenario, seed, range)) {
    yield tick.samples.map((sample) => `${formatSampleLine(sample)}\n`).join("");
  }
}

async function write(file: string, text: Iterable<string>): Promise<void> {
  try {
    if (file === "-") await pipeline(Readable.from(text), process.stdout, { end: false });
    else await pipeline(Readable.from(text), createWriteStream(file));
  } catch (error) {
    throw new HashfallError("OUTPUT_UNWRITABLE", `${file} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError("Allowed: a number above 0.");
  return value;
}

function time(text: string): number {
  const value = parseTime(text);
  if (!Number.isFinite(value))
    throw new InvalidArgumentError("Allowed: ISO 8601 with a zone, like 2022-01-05T08:00:00Z.");
  return value;
}
