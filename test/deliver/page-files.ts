/** The page as it stands in the source, not as it was built last. */
import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** @returns a folder of its own; remove it afterwards */
export function buildPage(): string {
  const dir = mkdtempSync("/tmp/hf-page-");
  for (const args of [
    ["node_modules/typescript/bin/tsc", "-p", "src/ui/tsconfig.json", "--outDir", dir],
    ["src/ui/copy-static.mjs", join(dir, "ui")],
  ]) {
    const built = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
    if (built.status !== 0) throw new Error(built.stdout + built.stderr);
  }
  return dir;
}
