/** The version of the package, as package.json says it. */
import { readFileSync } from "node:fs";

/** `unknown` where the package's own file is missing (a bundle). */
export function packageVersion(): string {
  try {
    const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    const { version } = JSON.parse(text) as { version?: string };
    return version ?? "unknown";
  } catch {
    return "unknown";
  }
}
