/** What `hashfall check` says of a configuration without a fault: what its pools tell apart, and what its sources answer. */

import { type Fault, formatFault } from "../../config/reading/faults.ts";
import type { Environment } from "../../config/reading/references.ts";
import type { Config } from "../../config/resolve/resolved.ts";
import { systemClocks } from "../../model/clock.ts";
import { HashfallError, messageOf } from "../../model/errors.ts";
import { packageVersion } from "../../runtime/version.ts";
import type { SourceDeps } from "../../sources/adapter.ts";
import { makePoliteHttp, userAgent } from "../../sources/http/polite-http.ts";
import { makeTransport } from "../../sources/http/transport.ts";
import { makeSource } from "../../sources/registry.ts";
import { makeSecretReader } from "../../sources/secret.ts";
import { makeWitness } from "../../sources/witness/registry.ts";
import { type ProbedSource, probeSources } from "./probe-sources.ts";
import { reportNetwork } from "./report.ts";
import { summarise } from "./summary.ts";

export interface CheckOptions {
  readonly config: string;
  readonly sources?: true;
  readonly json?: true;
  /** Secrets that are not set here. A check sends nothing, so they are no faults. */
  readonly unset?: readonly Fault[];
}

/** @throws `HashfallError` when a source cannot work as configured, or none of those asked answers */
export async function checkSound(options: CheckOptions, config: Config, env: Environment): Promise<void> {
  const clocks = systemClocks();
  const http = makePoliteHttp(
    { version: packageVersion(), contact: config.contact },
    { clocks, transport: makeTransport({ env }) },
  );
  const deps = { http, clock: clocks.data, secrets: makeSecretReader(env) };
  try {
    const unset = [...(options.unset ?? []), ...refuseBrokenSources(options, config, deps)];
    await report({ ...options, unset }, config, deps);
  } finally {
    await http.close();
  }
}

/**
 * What an adapter says of its own configuration, like a key that is missing: before anything is polled. Secrets that are
 * not set here are given back: who asks no source needs none.
 */
function refuseBrokenSources(
  { config: file, sources }: CheckOptions,
  config: Config,
  deps: SourceDeps,
): readonly Fault[] {
  const unset: Fault[] = [];
  const faults = config.networks.flatMap((network) =>
    [
      ...network.sources.map((source) => () => makeSource(source, deps)),
      ...(network.witnesses ?? []).map((witness) => () => makeWitness(witness, deps)),
    ].flatMap((make) => {
      try {
        make();
        return [];
      } catch (error) {
        const key = `networks.${network.name}`;
        if (sources !== true && error instanceof HashfallError && error.code === "SECRET_MISSING") {
          unset.push({ file, line: 0, column: 0, key, text: error.message });
          return [];
        }
        return [`${file}: ${key}: ${messageOf(error)}`];
      }
    }),
  );
  if (faults.length > 0) throw new HashfallError("CONFIG_INVALID", faults.join("\n"));
  return unset;
}

async function report(options: CheckOptions, config: Config, deps: SourceDeps): Promise<void> {
  const networks = summarise(config, deps.clock.now());
  const print = (text: string) => process.stdout.write(`${text}\n`);
  const quiet = options.json === true;
  if (!quiet) {
    print(`${options.config}: no fault\n`);
    for (const each of options.unset ?? []) print(`not set here, and not looked at: ${formatFault(each)}`);
    for (const network of networks) print(`${reportNetwork(network)}\n`);
  }
  const sources = options.sources === true ? await askSources(config, deps, quiet ? () => {} : print) : undefined;
  if (quiet) {
    const { hash } = config;
    print(
      JSON.stringify(
        { config: options.config, hash, unset: options.unset, networks, sources: sources?.map(withoutRaw) },
        null,
        2,
      ),
    );
  }
  if (sources !== undefined && sources.length > 0 && !sources.some(answered)) {
    const cutOff = sources.every((each) => each.class !== undefined && UNREACHABLE.includes(each.class));
    const text = `no source answered: ${cutOff ? "is there a connection to the internet from here?" : "what to do stands beside each"}`;
    throw new HashfallError("SOURCES_SILENT", text, { kind: "temporary" });
  }
}

/** Asks one source after another, printing each answer as it comes. An interrupt ends it after the one that is asked. */
async function askSources(
  config: Config,
  deps: SourceDeps,
  print: (text: string) => void,
): Promise<readonly ProbedSource[]> {
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once("SIGINT", interrupt);
  try {
    const width = Math.max(...config.networks.flatMap((network) => idsOf(network).map((id) => id.length)));
    print(`asking every source once, as "${userAgent({ version: packageVersion(), contact: config.contact })}":\n`);
    const probing = { ...deps, signal: stop.signal };
    const results = await probeSources(config.networks, probing, (result) => print(probeLine(result, width)));
    const unused = results.filter(({ outcome }) => outcome === "unused").length;
    const but = unused === 0 ? "" : `, ${unused} of them with nothing that can be used`;
    print(`\n${results.filter(answered).length} of ${results.length} sources answered${but}`);
    return results;
  } finally {
    process.off("SIGINT", interrupt);
  }
}

/** What happens to every source where there is no way out. */
const UNREACHABLE: readonly string[] = ["dns", "connect", "timeout"];

function idsOf({ sources, witnesses = [] }: Config["networks"][number]): readonly string[] {
  return [...sources, ...witnesses].map(({ id }) => id);
}

function answered(result: ProbedSource): boolean {
  return result.outcome !== "error" && result.outcome !== "invalid";
}

function probeLine(result: ProbedSource, width: number): string {
  const state = result.class ?? result.outcome;
  const line = `  ${result.source.padEnd(width)}  ${state.padEnd(12)}  ${result.text}`;
  return result.advice === "" ? line : `${line}\n${" ".repeat(width + 18)}${result.advice}`;
}

/** What came word by word is for audits of the store, not for a check. */
function withoutRaw(result: ProbedSource) {
  return { ...result, rows: result.rows.map(({ raw: _, ...row }) => row) };
}
