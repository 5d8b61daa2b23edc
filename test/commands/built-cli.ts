/** The BUILT command line as users run it, in a folder of its own; `pretest` builds it. */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Ran } from "../support/run-here.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface BuiltCli {
  readonly folder: string;
  /** Runs to the end. Nothing of the tests' own environment reaches it but PATH and what is given. */
  run(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ran>;
  /** As in `hashfall ... | head -n 1`: the reader leaves after the first line. */
  runIntoClosedPipe(args: readonly string[]): Promise<Ran>;
  remove(): void;
}

export function copyCli(): BuiltCli {
  const folder = mkdtempSync(join(tmpdir(), "hashfall-cli-"));
  cpSync(join(ROOT, "dist"), join(folder, "dist"), { recursive: true });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  cpSync(join(ROOT, "package.json"), join(folder, "package.json"));
  cpSync(join(ROOT, "config"), join(folder, "config"), { recursive: true });
  const main = join(folder, "dist/main.js");
  const start = (args: readonly string[], env: Readonly<Record<string, string>>) =>
    spawn(process.execPath, [main, ...args], { cwd: folder, env: { PATH: process.env.PATH ?? "", ...env } });
  return {
    folder,
    run: (args, env = {}) =>
      new Promise((resolve, reject) => {
        const child = start(args, env);
        const said = { out: "", err: "" };
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          said.out += text;
        });
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
          said.err += text;
        });
        child.on("error", reject).on("close", (status) => resolve({ status, ...said }));
      }),
    runIntoClosedPipe: (args) =>
      new Promise((resolve, reject) => {
        const child = start(args, {});
        let err = "";
        child.stdout.destroy();
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
          err += text;
        });
        child.on("error", reject).on("exit", (status) => resolve({ status, out: "", err }));
      }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
