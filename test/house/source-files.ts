/** The project's own files, for the tests that hold the house rules. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

export interface SourceFile {
  /** From the project's root, like `src/main.ts`. */
  readonly path: string;
  readonly text: string;
}

/** Every file below a folder whose name ends so, in order. */
export function filesBelow(folder: string, endings: readonly string[]): readonly SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path: relative(ROOT, path), text: readFileSync(path, "utf8") }));
}

export interface Imported {
  /** As it is written. */
  readonly specifier: string;
  /** From the project's root for a file of ours; null for a package. */
  readonly path: string | null;
  /** Nothing of it is left when the code runs. */
  readonly typeOnly: boolean;
}

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^;"']*?from\s+["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)|(?:^|\n)\s*import\s+["']([^"']+)["']/g;

/** What a file imports, in any form. */
export function importsOf(file: SourceFile): readonly Imported[] {
  return [...file.text.matchAll(IMPORT)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? "";
    const own = specifier.startsWith(".");
    return {
      specifier,
      path: own ? relative(ROOT, resolve(ROOT, dirname(file.path), specifier)) : null,
      typeOnly: /^\s*(?:import|export) type\b/.test(match[0]),
    };
  });
}
