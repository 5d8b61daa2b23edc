/** The configuration that a demo runs with: shipped, with what was published before the event, pointed at the simulator. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { HashfallError, messageOf } from "../model/errors.ts";
import { scenarioNamed } from "./scenarios/registry.ts";

/** Stands in the files where the simulator's base URL belongs. */
const PLACEHOLDER = /\$\{env:HASHFALL_SIMULATOR_URL\}/g;

/** The file that `config/demo` ships for a scenario. Throws `HashfallError` `SCENARIO_UNKNOWN`. */
export function demoConfigPath(scenario: string): string {
  return fileURLToPath(new URL(`../../config/demo/${scenarioNamed(scenario).config}.yaml`, import.meta.url));
}

/**
 * A scenario's configuration as YAML, its sources at `simulatorUrl`.
 *
 * @throws `HashfallError` `SCENARIO_UNKNOWN`, `DEMO_CONFIG_MISSING`
 */
export function demoConfigText(scenario: string, simulatorUrl: string): string {
  const path = demoConfigPath(scenario);
  try {
    return readFileSync(path, "utf8").replace(PLACEHOLDER, simulatorUrl);
  } catch (error) {
    throw new HashfallError("DEMO_CONFIG_MISSING", `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
