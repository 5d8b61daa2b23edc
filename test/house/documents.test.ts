/** Documents: their links lead somewhere, and the README stays short. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./source-files.ts";

const pages = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path !== "" && existsSync(join(ROOT, path)));

const textOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** A page without its blocks of code, whose brackets are no links and whose `#` is no heading. */
const prose = (path: string): string => textOf(path).replace(/^ *```[\s\S]*?^ *```$/gm, "");

/** The anchor that a heading gets on a page: lower case, without punctuation, hyphens for spaces. */
function anchors(path: string): ReadonlySet<string> {
  const headings = [...prose(path).matchAll(/^#+ (.*)$/gm)].map(([, text = ""]) => text);
  const named = [...prose(path).matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, name = ""]) => name);
  const slug = (text: string) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/ /g, "-");
  return new Set([...headings.map(slug), ...named]);
}

describe("links", () => {
  it.each(pages)("of %s lead to files and headings that are there", (page) => {
    const broken: string[] = [];
    for (const [, target = ""] of prose(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : relative(ROOT, join(ROOT, dirname(page), path));
      if (!existsSync(join(ROOT, file))) broken.push(target);
      else if (anchor !== undefined && file.endsWith(".md") && !anchors(file).has(anchor)) broken.push(target);
    }
    expect(broken).toEqual([]);
  });

  it("of the README reach every page of config/docs", () => {
    const readme = textOf("README.md");
    expect(pages.filter((page) => page.startsWith("config/docs/") && !readme.includes(`(${page})`))).toEqual([]);
  });
});

describe("the README", () => {
  it("has at most 150 lines", () => {
    expect(textOf("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(150);
  });
});
