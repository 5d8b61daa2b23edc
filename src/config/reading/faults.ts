/** Faults of a configuration: collected, so that one run names them all, one line each. */
import { escapeControls } from "../../model/clean-text.ts";
import { HashfallError } from "../../model/errors.ts";

export interface Fault {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `networks.bitcoin.interval`; empty for the file as a whole. */
  readonly key: string;
  /** What is wrong and what is allowed; never a secret. */
  readonly text: string;
}

/** More lines than this help nobody. */
const MOST_SHOWN = 50;
const LONGEST_KEY = 200;

/** `pools.yaml:12:15: networks.bitcoin.interval: ...` */
export function formatFault(fault: Fault): string {
  const place = fault.line > 0 ? `${fault.file}:${fault.line}:${fault.column}` : fault.file;
  const key = fault.key.length > LONGEST_KEY ? `${fault.key.slice(0, LONGEST_KEY)}...` : fault.key;
  return escapeControls(key === "" ? `${place}: ${fault.text}` : `${place}: ${key}: ${fault.text}`);
}

/** Thrown as `CONFIG_INVALID`: `faults` for programs, the message for people. */
export class ConfigError extends HashfallError {
  /** The first of them, as many as the message names: a log line takes them too. */
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[]) {
    const ordered = [...faults].sort((a, b) => a.line - b.line || a.column - b.column);
    const lines = ordered.slice(0, MOST_SHOWN).map(formatFault);
    if (ordered.length > MOST_SHOWN) lines.push(`... and ${ordered.length - MOST_SHOWN} more faults`);
    super("CONFIG_INVALID", lines.join("\n"));
    this.faults = ordered.slice(0, MOST_SHOWN);
  }
}
