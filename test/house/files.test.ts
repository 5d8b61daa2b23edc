import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesBelow, ROOT } from "./source-files.ts";

const source = filesBelow("src", [".ts"]);
const tests = filesBelow("test", [".ts"]);

/** Where the process's environment may be read: everything else is handed it. */
const READS_ENVIRONMENT = ["src/main.ts", "src/app.ts", "src/config/", "src/commands/", "src/store/embedded/"];

/** What may stand at the top level besides dot files; a newcomer should guess the file from the question. */
const TOP_LEVEL = [
  "CHANGELOG.md",
  "Dockerfile",
  "LICENSE",
  "README.md",
  "biome.json",
  "compose.yaml",
  "config",
  "grafana",
  "package-lock.json",
  "package.json",
  "src",
  "test",
  "tsconfig.json",
  "vitest.config.ts",
];

const found = (files: typeof source, pattern: RegExp) =>
  files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
  );

describe("files", () => {
  it("are at most 300 lines long", () => {
    const long = [...source, ...tests]
      .map((f) => [f.path, f.text.split("\n").length - 1] as const)
      .filter(([, n]) => n > 300);
    expect(long).toEqual([]);
  });

  it("of the source are half of them at most 120 lines long", () => {
    const lengths = source.map((file) => file.text.split("\n").length).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(120);
  });

  it("have names in kebab case", () => {
    const odd = [...source, ...tests]
      .map((f) => f.path)
      .filter((path) => !/^[a-z0-9/-]+(\.[a-z0-9-]+)*\.ts$/.test(path));
    expect(odd).toEqual([]);
  });

  it("of the source say what they are for", () => {
    expect(source.filter(({ text }) => !text.includes("/**")).map((file) => file.path)).toEqual([]);
  });

  it("stand at the top level only when they are expected there", () => {
    const tracked = execFileSync("git", ["ls-files"], { cwd: ROOT, encoding: "utf8" }).split("\n").filter(Boolean);
    const top = [...new Set(tracked.map((path) => path.split("/")[0] ?? ""))].filter((name) => !name.startsWith("."));
    expect(top.filter((name) => !TOP_LEVEL.includes(name))).toEqual([]);
  });
});

describe("source", () => {
  it("reads the environment only where it is handed on from", () => {
    const elsewhere = found(source, /process\.env/).filter(
      (place) => !READS_ENVIRONMENT.some((p) => place.startsWith(p)),
    );
    expect(elsewhere).toEqual([]);
  });

  it("of the pure core has no clock, no dice and no output", () => {
    const core = source.filter((f) => f.path.startsWith("src/detect/") || f.path.startsWith("src/model/"));
    const clock = found(
      core,
      /Date\.now\(|new Date\(\)|performance\.now|Math\.random|console\.|setTimeout|setInterval/,
    );
    expect(clock.filter((place) => !place.startsWith("src/model/clock.ts"))).toEqual([]);
  });

  it("leaves nothing for later and switches no check off", () => {
    // Taken apart, so that this line does not find itself.
    const marks = new RegExp(
      [
        "TO" + "DO",
        "FIX" + "ME",
        "@ts-" + "(ignore|expect-error|nocheck)",
        "(biome|oxlint|eslint)-" + "(ignore|disable)",
      ].join("|"),
    );
    expect(found([...source, ...tests], marks)).toEqual([]);
  });

  it("exports by name", () => {
    expect(found(source, /^export default /)).toEqual([]);
  });

  it("has no skipped and no lonely test", () => {
    expect(found(tests, /\b(it|test|describe)\.(skip|only|todo)\(/)).toEqual([]);
  });
});

describe("package.json", () => {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly bin: Readonly<Record<string, string>>;
    readonly scripts: Readonly<Record<string, string>>;
  };

  it("has a build that makes its command executable, so that `npx hashfall` works in a checkout", () => {
    expect(manifest.scripts.build).toContain(`chmod +x ${manifest.bin.hashfall}`);
  });
});

interface LockEntry {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

describe("the lock file", () => {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, LockEntry>>;
  };

  it("has no package with an install script in what runs", () => {
    const scripted = Object.entries(lock.packages).filter(
      ([, entry]) => entry.hasInstallScript === true && entry.dev !== true,
    );
    expect(scripted.map(([path]) => path)).toEqual([]);
  });

  it("names every optional package of every platform, so that `npm ci` takes it", () => {
    const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {}).filter(
        (name) =>
          path !== "" && !lock.packages[`node_modules/${name}`] && !lock.packages[`${path}/node_modules/${name}`],
      ),
    );
    expect(missing).toEqual([]);
  });

  it("names no registry", () => {
    const text = readFileSync(join(ROOT, "package-lock.json"), "utf8");
    const hosts = new Set([...text.matchAll(/"resolved": "https?:\/\/([^/"]+)/g)].map((match) => match[1]));
    expect([...hosts]).toEqual([]);
  });
});
