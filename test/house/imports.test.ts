import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesBelow, importsOf, ROOT, type SourceFile } from "./source-files.ts";

const all = filesBelow("src", [".ts"]);
const files = all.filter((file) => !file.path.startsWith("src/ui/"));
const below = (folder: string) => files.filter((file) => file.path.startsWith(folder));

describe("imports", () => {
  it("are found at all", () => {
    const imports = files.flatMap(importsOf);
    expect(files.length).toBeGreaterThan(50);
    expect(imports.filter((i) => i.path !== null).length).toBeGreaterThan(files.length);
  });

  it("form no circle, types included", () => {
    const circle = findCircle(new Map(files.map((file) => [file.path, importsOf(file).flatMap((i) => i.path ?? [])])));
    expect(circle, circle?.join("\n-> ")).toBeNull();
  });

  it("of the pure core stay within src/detect, src/model and pure libraries", () => {
    expect(strangers(below("src/detect/"), ["src/detect/", "src/model/"], ["zod"])).toEqual([]);
  });

  it("of the model stay within the model", () => {
    expect(strangers(below("src/model/"), ["src/model/"], ["zod"])).toEqual([]);
  });

  it("name our files with their .ts ending", () => {
    const bare = files.flatMap((file) =>
      importsOf(file)
        .filter((i) => i.path !== null && !/\.(ts|json)$/.test(i.specifier))
        .map((i) => `${file.path}: ${i.specifier}`),
    );
    expect(bare).toEqual([]);
  });

  it("of src/app.ts are made by commands alone: it is the one place where things are put together", () => {
    const users = files.filter((file) => importsOf(file).some((i) => i.path === "src/app.ts")).map((file) => file.path);
    expect(users.filter((path) => !path.startsWith("src/commands/"))).toEqual([]);
  });
});

describe("the map of folders in src/README.md", () => {
  const map = foldersOf(readFileSync(join(ROOT, "src/README.md"), "utf8"));

  it("has every folder of src", () => {
    const folders = new Set(all.flatMap(({ path }) => /^src\/([a-z-]+)\//.exec(path)?.[1] ?? []));
    expect([...map.keys()].sort()).toEqual([...folders].sort());
  });

  it.each([...map.keys()])("says what src/%s imports", (folder) => {
    const allowed = map.get(folder) ?? [];
    if (allowed === "everything") return;
    const wrong = all
      .filter(({ path }) => path.startsWith(`src/${folder}/`))
      .flatMap((file) => importsOf(file).map((imported) => ({ file, imported })))
      .filter(({ imported: { path, typeOnly } }) => {
        if (path === null || path.startsWith(`src/${folder}/`)) return false;
        return !allowed.some((a) => path.startsWith(`src/${a.folder}/`) && (typeOnly || !a.typesOnly));
      });
    expect(wrong.map(({ file, imported }) => `${file.path}: ${imported.specifier}`)).toEqual([]);
  });

  it("lets nothing below deliver import it, except the presets for the configuration's keys", () => {
    const above = ["deliver", "client", "ui", "commands"];
    const below = [...map].filter(([folder]) => !above.includes(folder));
    const imports = below.flatMap(([folder, allowed]) =>
      allowed === "everything" ? [] : allowed.map((a) => `${folder} -> ${a.folder}`),
    );
    expect(imports.filter((line) => line.includes("-> deliver"))).toEqual(["config -> deliver/webhook/presets"]);
  });
});

interface Allowed {
  readonly folder: string;
  readonly typesOnly: boolean;
}

/** The last column of the map, by folder: `everything`, or a list of `folder` and of types of `folder`. */
function foldersOf(text: string): ReadonlyMap<string, "everything" | readonly Allowed[]> {
  const section = text.split(/^## /m).find((part) => part.startsWith("Map")) ?? "";
  const rows = section.split("\n").filter((line) => /^\|.*`[a-z-]+\/`/.test(line));
  const allowed = (cell: string): readonly Allowed[] =>
    [...cell.matchAll(/(types of )?`([a-z/-]+)`/g)].map(([, types, folder = ""]) => ({
      folder,
      typesOnly: types !== undefined,
    }));
  return new Map(
    rows.flatMap((row) => {
      const [first = "", ...rest] = row.split("|").slice(1, -1);
      const last = rest.at(-1) ?? "";
      const entry = last.trim() === "everything" ? ("everything" as const) : allowed(last);
      return [...first.matchAll(/`([a-z-]+)\/`/g)].map(([, folder = ""]) => [folder, entry] as const);
    }),
  );
}

function strangers(
  from: readonly SourceFile[],
  folders: readonly string[],
  packages: readonly string[],
): readonly string[] {
  return from.flatMap((file) =>
    importsOf(file)
      .filter(({ path, specifier }) =>
        path === null ? !packages.includes(specifier) : !folders.some((f) => path.startsWith(f)),
      )
      .map((i) => `${file.path}: ${i.specifier}`),
  );
}

/** The files of one circle, in order; null when there is none. */
function findCircle(graph: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>();
  const walk = (node: string, trail: readonly string[]): readonly string[] | null => {
    if (trail.includes(node)) return [...trail.slice(trail.indexOf(node)), node];
    if (done.has(node)) return null;
    for (const next of graph.get(node) ?? []) {
      const circle = walk(next, [...trail, node]);
      if (circle !== null) return circle;
    }
    done.add(node);
    return null;
  };
  for (const node of graph.keys()) {
    const circle = walk(node, []);
    if (circle !== null) return circle;
  }
  return null;
}
