/** Exit statuses, and what is printed before them. */
import { CommanderError } from "commander";
import { escapeControls } from "../model/clean-text.ts";
import { HashfallError, messageOf } from "../model/errors.ts";
import { foreignError } from "./foreign-error.ts";

export const EXIT_OK = 0;
/** The caller's mistake: mending the command or the configuration helps, trying again does not. */
export const EXIT_MISTAKE = 1;
/** EX_TEMPFAIL of sysexits.h: a supervisor may restart. */
export const EXIT_TEMPORARY = 75;

export interface Failure {
  readonly status: number;
  /** For standard error; empty when it was printed already. */
  readonly text: string;
}

/** What to say of anything thrown, and the status to leave with. */
export function failureOf(error: unknown, options: { readonly debug: boolean }): Failure {
  // commander has printed its own line, or the help that was asked for.
  if (error instanceof CommanderError) return { status: error.exitCode === 0 ? EXIT_OK : EXIT_MISTAKE, text: "" };
  const stack = options.debug && error instanceof Error && error.stack !== undefined ? `\n${error.stack}` : "";
  const ours = error instanceof HashfallError ? error : foreignError(error);
  if (ours !== undefined) {
    const status = ours.kind === "temporary" ? EXIT_TEMPORARY : EXIT_MISTAKE;
    return { status, text: `${printable(prefixed(ours.message))}${stack}\n` };
  }
  const hint = options.debug ? stack : " (HASHFALL_DEBUG=1 shows where)";
  return {
    status: EXIT_MISTAKE,
    text: `hashfall: unexpected error: ${printable(messageOf(error).split("\n")[0] ?? "")}${hint}\n`,
  };
}

/** Lines that begin with a file and its line are left alone: editors and terminals make links of them. */
function prefixed(message: string): string {
  return /^[^\s:]+:\d+:\d+: /.test(message) ? message : `hashfall: ${message}`;
}

/** A message may hold names from a file or words of a server; its own line breaks stay. */
function printable(message: string): string {
  return message.split("\n").map(escapeControls).join("\n");
}
