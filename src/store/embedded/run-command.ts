/** Runs a command of the system to its end, without blocking the event loop. */
import { execFile } from "node:child_process";

export interface CommandResult {
  readonly ok: boolean;
  readonly stdout: string;
  /** The last line that says why, when it failed. */
  readonly why: string;
}

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly timeoutMs: number;
}

/** Never rejects: a command that is not there, fails or takes too long is a result with its reason. */
export function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const { env, timeoutMs: timeout, cwd } = options;
  // English, whatever the user's language: versions and reasons are read out of what is printed.
  const settings = {
    env: { ...env, LC_ALL: "C" },
    timeout,
    maxBuffer: 16 << 20,
    ...(cwd === undefined ? {} : { cwd }),
  };
  return new Promise((resolve) => {
    execFile(command, args, settings, (error, stdout, stderr) => {
      if (error === null) {
        resolve({ ok: true, stdout, why: "" });
        return;
      }
      const said = stderr.trim().split("\n").at(-1);
      const late = error.killed === true ? `no end within ${timeout / 1000} s` : undefined;
      resolve({ ok: false, stdout, why: `${command}: ${late ?? (said || error.message)}` });
    });
  });
}
