/** `hashfall check`: a configuration's faults, what its pools can and cannot tell apart, and what its sources answer. */
import { Command } from "commander";
import { loadConfigFile } from "../config/load.ts";
import { defaultConfigPath } from "../config/paths.ts";
import { ConfigError, type Fault } from "../config/reading/faults.ts";
import { HashfallError } from "../model/errors.ts";
import type { CheckOptions } from "./check/check-sound.ts";

const EXAMPLES = `
Examples:
  $ hashfall check                          the shipped configuration
  $ hashfall check --config my.yaml         every fault with its line, or what these pools can tell apart
  $ hashfall check --sources                ask every source once: value, unit, window, age, or what to do
  $ hashfall check --sources --json | jq '.sources[] | select(.outcome != "ok")'

Exit status: 0 no fault (and, with --sources, at least one source answered), 1 a fault, 75 no source answered.`;

export function checkCommand(): Command {
  return new Command("check")
    .description(
      "A configuration's faults with file, line and what is allowed; what its pools can and cannot tell apart.",
    )
    .option("--config <file>", "configuration (YAML)", defaultConfigPath())
    .option("--sources", "ask every source once, and print what was understood")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(check);
}

async function check(options: CheckOptions): Promise<void> {
  const unset: Fault[] = [];
  try {
    const config = await loadConfigFile(options.config, { onMissingSecret: (fault) => unset.push(fault) });
    // A configuration with a fault needs none of it.
    const { checkSound } = await import("./check/check-sound.ts");
    await checkSound({ ...options, unset }, config, process.env);
  } catch (error) {
    // Also where something is wrong standard output is one JSON document; the lines for people are on standard error.
    if (options.json === true && error instanceof HashfallError && error.code !== "SOURCES_SILENT")
      process.stdout.write(`${JSON.stringify(faultsOf(options.config, error), null, 2)}\n`);
    throw error;
  }
}

function faultsOf(config: string, error: HashfallError): object {
  const faults = error instanceof ConfigError ? error.faults : [{ file: config, key: "", text: error.message }];
  return { config, code: error.code, faults };
}
