/** The Dockerfile, instruction by instruction: enough to run its steps without an engine. */
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";

export interface Instruction {
  readonly keyword: string;
  readonly text: string;
}

export interface Stage {
  readonly image: string;
  readonly name: string | null;
  readonly steps: readonly Instruction[];
}

/** Stages in order, with lines joined and comments left out. */
export function readDockerfile(path: string): Stage[] {
  const lines = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join("\n")
    .replaceAll(/\\\n/g, " ")
    .split("\n");
  const stages: { image: string; name: string | null; steps: Instruction[] }[] = [];
  for (const line of lines) {
    const [, keyword = "", text = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (keyword === "FROM") {
      const [, image = "", name = null] = /^(\S+)(?: AS (\S+))?$/.exec(text) ?? [];
      stages.push({ image, name, steps: [] });
    } else stages.at(-1)?.steps.push({ keyword, text });
  }
  return stages;
}

/** What an instruction in JSON form says, like CMD ["a", "b"]. */
export function wordsOf(stage: Stage, keyword: string): string[] {
  const text = stage.steps.find((step) => step.keyword === keyword)?.text ?? "[]";
  return JSON.parse(text.slice(text.indexOf("["))) as string[];
}

/** Does a COPY as the engine would: files into a folder, a folder's contents into a folder. */
export function copy(text: string, from: string, to: string): void {
  const words = text.split(/\s+/).filter((word) => !word.startsWith("--"));
  const target = join(to, words.at(-1)!);
  for (const word of words.slice(0, -1)) {
    const source = join(from, word.replace(/^\/app\//, ""));
    if (!existsSync(source)) throw new Error(`COPY ${text}: ${source} is not there`);
    if (statSync(source).isDirectory()) {
      mkdirSync(target, { recursive: true });
      cpSync(source, target, { recursive: true, verbatimSymlinks: true });
    } else cpSync(source, words.at(-1)!.endsWith("/") ? join(target, basename(source)) : target);
  }
}
