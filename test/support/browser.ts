/** Debian's Chromium where there is one, and pages in it that are watched for faults. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { it } from "vitest";

const BROWSERS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = BROWSERS.find((path) => path !== undefined && existsSync(path));

/** False where there is no browser; in CI one is insisted on. */
export const isDriven = executablePath !== undefined || process.env.CI === "true";

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath ?? "chromium", args: ["--no-sandbox"] });
}

/** Stands in for browser tests that cannot run: it is reported as skipped, with the reason. */
export function itIsNotDriven(what: string): void {
  it(`${what} in a browser`, ({ skip }) => skip("there is no Chromium here (set CHROMIUM, or CI=true to insist)"));
}

export interface Visit {
  readonly page: Page;
  /** Errors of the console and of scripts, and requests to anybody else. */
  readonly faults: string[];
  /** Paths of the page's own server that it asked for. */
  readonly paths: ReadonlySet<string>;
}

type PageOptions = NonNullable<Parameters<Browser["newPage"]>[0]>;

/** Opens a page and waits until it is live. */
export async function visit(browser: Browser, url: string, options: PageOptions = {}): Promise<Visit> {
  const page = await browser.newPage(options);
  // What is waited for comes; half a minute, as is usual, is too little on a busy machine.
  page.setDefaultTimeout(120_000);
  const faults: string[] = [];
  const paths = new Set<string>();
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("request", (request) => {
    const asked = new URL(request.url());
    if (asked.host === new URL(url).host) paths.add(asked.pathname);
    else if (asked.protocol !== "data:") faults.push(`asks ${asked.href}`);
  });
  await page.goto(url);
  await page.waitForSelector("#live-dot.open");
  await page.waitForSelector("#region-list li");
  return { page, faults, paths };
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * What axe finds against WCAG 2.2 A and AA and its best practices: one line for each kind, with where.
 * @param rules only these of axe's
 */
export async function barriers(page: Page, rules?: readonly string[]): Promise<string[]> {
  await page.evaluate(axe);
  // Colours are judged as they are, not on their way.
  await page.evaluate(
    "Promise.all(document.getAnimations().map((a) => a.effect.getTiming().iterations === Infinity ? a.cancel() : a.finished))",
  );
  const options = rules ? { runOnly: rules } : {};
  const { violations } = (await page.evaluate(`axe.run(${JSON.stringify(options)})`)) as {
    violations: { id: string; help: string; nodes: { target: string[]; failureSummary?: string }[] }[];
  };
  return violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes.map(({ target, failureSummary }) => `${target.join(" ")} (${failureSummary ?? ""})`).join("; ")}`,
  );
}

/** A picture of the whole page; kept in the folder that SHOTS names, for people to look at. */
export async function picture(page: Page, name: string): Promise<Buffer> {
  await page.evaluate("scrollTo(0, 0)");
  const png = await page.screenshot({ fullPage: true });
  const folder = process.env.SHOTS;
  if (folder) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${name}.png`), png);
  }
  return png;
}
