/** Where the shipped configurations are. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The configuration that is used when none is named: Bitcoin, with all that needs no key. */
export function defaultConfigPath(): string {
  return shippedConfigPath("bitcoin.yaml");
}

/** A file of the package's `config` folder: as short as it can be written from here, for error lines that people read. */
export function shippedConfigPath(name: string): string {
  const local = `config/${name}`;
  const shipped = fileURLToPath(new URL(`../../config/${name}`, import.meta.url));
  return existsSync(local) && fileURLToPath(new URL(local, `file://${process.cwd()}/`)) === shipped ? local : shipped;
}
