/** `GET /runbooks/:alert`: what to do about an alert of the Prometheus rules, from the shipped page of runbooks. */
import { readFile } from "node:fs/promises";
import { shippedConfigPath } from "../../../config/paths.ts";
import type { Api } from "../api.ts";
import { ProblemError } from "../problem.ts";

/** Alert name -> its section, heading included. */
export function sectionsOf(page: string): ReadonlyMap<string, string> {
  const sections = page.split(/^(?=#{2,3} )/m).flatMap((section): [string, string][] => {
    const name = /^### (\w+)\n/.exec(section)?.[1];
    return name === undefined ? [] : [[name, section.trimEnd()]];
  });
  return new Map(sections);
}

/** Serves the sections as plain text in Markdown; the page is read when first asked for. */
export function serveRunbooks(app: Api): void {
  let sections: Promise<ReadonlyMap<string, string>> | undefined;
  app.get("/runbooks/:alert", async (c) => {
    sections ??= readFile(shippedConfigPath("prometheus/runbooks.md"), "utf8").then(sectionsOf);
    const known = await sections;
    const text = known.get(c.req.param("alert"));
    if (text === undefined)
      throw new ProblemError("not-found", `no such runbook; there are ${[...known.keys()].join(", ")}`);
    return c.body(`${text}\n`, 200, { "content-type": "text/markdown; charset=utf-8", "cache-control": "no-cache" });
  });
}
