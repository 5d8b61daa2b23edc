/** The commands by name. Each is loaded when it is asked for, so that `hashfall --help` answers at once. */
import type { Command } from "commander";

export interface CommandEntry {
  readonly name: string;
  /** One line in `hashfall --help`. */
  readonly summary: string;
  load(): Promise<Command>;
}

const ENTRIES: readonly (readonly [name: string, summary: string])[] = [
  ["start", "run the service: poll, detect, serve"],
  ["demo", "the whole service against simulated pools, faster than life, without internet"],
  ["replay", "run history through the detector: samples in, alerts out"],
  ["simulate", "write a scenario's samples and labels, or serve them as pool APIs"],
  ["export", "stored samples as NDJSON, ready for replay"],
  ["check", "a configuration's faults, and what its pools can and cannot tell apart"],
  ["watch", "alerts in the terminal, as they come"],
  ["explain", "the evidence of an alert, computed again"],
  ["webhook", "send a marked test message to a webhook"],
];

/** In the order of the help. */
export const COMMANDS: readonly CommandEntry[] = ENTRIES.map(([name, summary]) => ({
  name,
  summary,
  load: () => loadCommand(name),
}));

async function loadCommand(name: string): Promise<Command> {
  // The same extension as this file has: .ts from source, .js when built.
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
  const module: Readonly<Record<string, unknown>> = await import(`../commands/${name}${extension}`);
  const make = module[`${name}Command`] as () => Command;
  return make();
}
