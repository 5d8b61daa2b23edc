/** `hashfall check`: a configuration's faults, what its pools can and cannot tell apart, and what its sources answer. */
import { Command } from "commander";
import { reportNetwork } from "../cli/config-report.ts";
import { summarise } from "../cli/config-summary.ts";
import { type ProbedSource, probeSources } from "../cli/probe-sources.ts";
import { packageVersion } from "../cli/version.ts";
import { loadConfigFile } from "../config/load.ts";
import { defaultConfigPath } from "../config/paths.ts";
import type { Config } from "../config/resolved.ts";
import { systemClocks } from "../model/clock.ts";
import { HashfallError } from "../model/errors.ts";
import { makePoliteHttp } from "../sources/http/polite-http.ts";
import { makeTransport } from "../sources/http/transport.ts";
import { makeSecretReader } from "../sources/secret.ts";

interface CheckOptions {
  readonly config: string;
  readonly sources?: true;
  readonly json?: true;
}

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
  const config = await loadConfigFile(options.config);
  const networks = summarise(config);
  const print = (text: string) => process.stdout.write(`${text}\n`);
  if (options.json !== true) {
    print(`${options.config}: no fault\n`);
    for (const network of networks) print(`${reportNetwork(network)}\n`);
  }
  const sources =
    options.sources === true ? await askSources(config, options.json === true ? () => {} : print) : undefined;
  if (options.json === true) {
    const hash = config.hash;
    print(JSON.stringify({ config: options.config, hash, networks, sources: sources?.map(withoutRaw) }, null, 2));
  }
  if (sources !== undefined && sources.length > 0 && !sources.some(answered)) {
    const text = "no source answered: is there a connection to the internet from here?";
    throw new HashfallError("SOURCES_SILENT", text, { kind: "temporary" });
  }
}

/** Asks one source after another, printing each answer as it comes. */
async function askSources(config: Config, print: (text: string) => void): Promise<readonly ProbedSource[]> {
  const clocks = systemClocks();
  const http = makePoliteHttp({ version: packageVersion() }, { clocks, transport: makeTransport() });
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once("SIGINT", interrupt);
  try {
    const secrets = makeSecretReader(process.env);
    const deps = { http, clock: clocks.data, secrets, signal: stop.signal };
    const width = Math.max(...config.networks.flatMap((network) => network.sources.map((source) => source.id.length)));
    print("asking every source once:\n");
    const results = await probeSources(config.networks, deps, (result) => print(probeLine(result, width)));
    const silent = results.filter((result) => !answered(result)).length;
    print(`\n${results.length - silent} of ${results.length} sources answered`);
    return results;
  } finally {
    process.off("SIGINT", interrupt);
    await http.close();
  }
}

function answered(result: ProbedSource): boolean {
  return result.outcome === "ok" || result.outcome === "empty" || result.outcome === "not-modified";
}

function probeLine(result: ProbedSource, width: number): string {
  const state = result.outcome === "error" ? (result.class ?? "error") : result.outcome;
  const line = `  ${result.source.padEnd(width)}  ${state.padEnd(12)}  ${result.text}`;
  return result.advice === "" ? line : `${line}\n${" ".repeat(width + 18)}${result.advice}`;
}

/** What came word by word is for audits of the store, not for a check. */
function withoutRaw(result: ProbedSource) {
  return { ...result, rows: result.rows.map(({ raw: _, ...row }) => row) };
}
