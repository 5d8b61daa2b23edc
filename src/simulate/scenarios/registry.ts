/** Every scenario by name. */
import { HashfallError } from "../../model/errors.ts";
import { calm } from "./calm.ts";
import { china2021 } from "./china-2021.ts";
import type { Scenario } from "./contract.ts";
import { crackdown2022 } from "./crackdown-2022.ts";
import { kazakhstan2022 } from "./kazakhstan-2022.ts";

export const SCENARIOS: readonly Scenario[] = [kazakhstan2022, crackdown2022, china2021, calm];
export const SCENARIO_NAMES: readonly string[] = SCENARIOS.map((scenario) => scenario.name);

/** Throws `HashfallError` `SCENARIO_UNKNOWN`, which names those that exist. */
export function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) {
    throw new HashfallError(
      "SCENARIO_UNKNOWN",
      `There is no scenario "${name}"; the scenarios are ${SCENARIO_NAMES.join(", ")}.`,
    );
  }
  return found;
}
