import { describe, expect, it } from "vitest";
import { filesBelow, importsOf, type SourceFile } from "./source-files.ts";

const files = filesBelow("src", [".ts"]).filter((file) => !file.path.startsWith("src/ui/"));
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
