/**
 * What is installed and shipped with hashfall: under which licence, and that nothing of it runs a script at installation.
 * After a change of dependencies: `npx vitest run test/house/dependencies.test.ts -u`.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./source-files.ts";

interface LockedPackage {
  readonly name?: string;
  readonly version: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}

/** Licences that ask for no more than their text and the names of their authors. */
const ALLOWED = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "MIT-0", "Unlicense"];
/** Needed for the build alone, and copied into what is shipped: the page's charts, and its map. */
const COPIED = ["uplot", "world-atlas"];

const readJson = (path: string) => JSON.parse(readFileSync(join(ROOT, path), "utf8"));
const { packages } = readJson("package-lock.json") as { packages: Readonly<Record<string, LockedPackage>> };
const direct = Object.keys((readJson("package.json") as { dependencies: object }).dependencies);

const installed = Object.entries(packages)
  .filter(([path]) => path !== "")
  .map(([path, each]) => ({ ...each, name: each.name ?? path.slice(path.lastIndexOf("node_modules/") + 13) }));
const shipped = installed.filter(({ dev, name }) => dev !== true || COPIED.includes(name));

function page(): string {
  const licences = [...new Set(shipped.map(({ license }) => license ?? "not said"))].sort();
  const rows = licences.map((licence) => {
    const found = shipped.filter(({ license }) => (license ?? "not said") === licence);
    const names = [...new Set(found.map(({ name }) => name))].sort();
    const told = names.map((name) => (direct.includes(name) || COPIED.includes(name) ? `**${name}**` : name));
    return `| ${licence} | ${names.length} | ${told.join(", ")} |`;
  });
  return `# Dependencies
What is installed with hashfall, by licence; in bold what it names itself, the rest comes with that. ${COPIED.join(" and ")} are copied into the page.
None of them runs a script at installation. Versions and digests are in \`package-lock.json\`. redis-server is a program of its own that hashfall
starts and does not ship. \`test/house/dependencies.test.ts\` writes this page (\`-u\`) and fails while it is behind.

| licence | packages | |
|---|---|---|
${rows.join("\n")}
`;
}

describe("dependencies", () => {
  it("run no script at installation, those for the build neither", () => {
    expect(installed.length).toBeGreaterThan(100);
    expect(installed.filter(({ hasInstallScript }) => hasInstallScript === true).map(({ name }) => name)).toEqual([]);
  });

  it("are shipped under licences that ask for no more than their notice", () => {
    expect(shipped.filter(({ license = "" }) => !ALLOWED.includes(license)).map(({ name }) => name)).toEqual([]);
  });

  it("are listed, each with its licence", async () => {
    await expect(page()).toMatchFileSnapshot(join(ROOT, "config/docs/dependencies.md"));
  });
});
