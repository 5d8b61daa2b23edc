/** Runs the BUILT command line as a user would; `pretest` builds it. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

export interface RunningCli {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Everything said so far, both streams in order of arrival. */
  output(): string;
  /** Resolves with the first match in anything said, rejects with the whole output when the process ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Exit status, or the signal's name. */
  ended: Promise<number | NodeJS.Signals>;
  /** Sends the signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
}

/** Starts `hashfall <args>`. */
export function startCli(args: readonly string[], options: CliOptions = {}): RunningCli {
  return startNode([MAIN, ...args], options);
}

/** Starts a script of ours. The environment is the caller's without `REDIS_URL` and anything of ours. */
export function startNode(args: readonly string[], options: CliOptions = {}): RunningCli {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run "npm run build" (npm test does it by itself)`);
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name !== "REDIS_URL" && !name.startsWith("HASHFALL_")),
  );
  const child = spawn(process.execPath, [...args], {
    cwd: options.cwd,
    env: { ...inherited, ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let said = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      for (const listener of listeners) listener();
    });
  }
  child.stdin.end(options.input ?? "");
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.on("close", (status, signal) => resolve(status ?? signal ?? 1));
  });
  return {
    child,
    pid: child.pid!,
    output: () => said,
    ended,
    says(pattern) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(said);
          if (match === null) return;
          listeners.delete(look);
          resolve(match);
        };
        listeners.add(look);
        look();
        void ended.then((how) => {
          listeners.delete(look);
          reject(new Error(`ended (${how}) before it said ${pattern}:\n${said}`));
        });
      });
    },
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs to the end. */
export async function runCli(
  args: readonly string[],
  options: CliOptions = {},
): Promise<{ status: number | NodeJS.Signals; output: string }> {
  const cli = startCli(args, options);
  const status = await cli.ended;
  return { status, output: cli.output() };
}
