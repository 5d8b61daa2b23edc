import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeSilences } from "../../src/deliver/silences.ts";
import { alertEvent, startTestGateway, type TestGateway } from "./support.ts";

const ROOT = join(import.meta.dirname, "../..");
const BROWSERS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = BROWSERS.find((path) => path !== undefined && existsSync(path));
const isDriven = executablePath !== undefined || process.env.CI === "true";

let pageDir: string;
let t: TestGateway;
let browser: Browser;

/** The page as it stands in the source, not as it was built last. */
function buildPage(): string {
  const dir = mkdtempSync("/tmp/hf-page-");
  for (const args of [
    ["node_modules/typescript/bin/tsc", "-p", "src/ui/tsconfig.json", "--outDir", dir],
    ["src/ui/copy-static.mjs", join(dir, "ui")],
  ]) {
    const built = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8" });
    if (built.status !== 0) throw new Error(built.stdout + built.stderr);
  }
  return dir;
}

beforeAll(async () => {
  pageDir = buildPage();
  t = await startTestGateway({ pageDir });
  await t.publisher.publish([]);
  if (isDriven)
    browser = await chromium.launch({ executablePath: executablePath ?? "chromium", args: ["--no-sandbox"] });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await t.stop();
  rmSync(pageDir, { recursive: true, force: true });
});

interface Visit {
  readonly page: Page;
  /** Errors of the console and of scripts, and requests to anybody else. */
  readonly faults: string[];
  readonly paths: Set<string>;
}

async function visit(options: Parameters<Browser["newPage"]>[0] = {}): Promise<Visit> {
  const page = await browser.newPage(options);
  const faults: string[] = [];
  const paths = new Set<string>();
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.host === new URL(t.url).host) paths.add(url.pathname);
    else if (url.protocol !== "data:") faults.push(`asks ${url.href}`);
  });
  await page.goto(t.url);
  await page.waitForSelector("#live-dot.open");
  await page.waitForSelector("#region-list li");
  return { page, faults, paths };
}

describe("the page's files", () => {
  it("come with a policy that lets nothing in from elsewhere", async () => {
    const answer = await fetch(t.url);
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
    expect(await answer.text()).not.toMatch(/https?:\/\/|style="|<script>/);
  });

  it("are given again only when they changed, and never from outside their folders", async () => {
    const etag = (await fetch(`${t.url}/ui/main.js`)).headers.get("etag") ?? "";
    expect((await fetch(`${t.url}/ui/main.js`, { headers: { "if-none-match": etag } })).status).toBe(304);
    for (const path of ["/ui/../../package.json", "/ui/%2e%2e/main.js", "/deliver/gateway.js", "/ui/main.js.map"])
      expect((await fetch(t.url + path)).status, path).toBe(404);
  });
});

function inBrowser(): void {
  it("shows regions, pools and the map without an error or a foreign request, under 200 kB", async () => {
    const { page, faults, paths } = await visit();
    await page.waitForSelector("#map .circle[data-region=CN]");
    await page.waitForSelector("#chart canvas");
    expect(await page.locator("#pool-list tr").count()).toBe(2);
    expect(await page.locator("#region-list li[data-region=KZ] .drop").textContent()).toBe("−71 %");
    let bytes = 0;
    for (const path of paths) {
      if (path.startsWith("/api") || path === "/ws") continue;
      const answer = await fetch(t.url + path, { headers: { "accept-encoding": "identity" } });
      const plain = Buffer.from(await answer.arrayBuffer());
      expect(plain.length).toBeGreaterThan(0);
      bytes += await compressedSize(path, plain);
    }
    expect(bytes).toBeLessThan(200_000);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("shows an alert within two seconds of its event, with its evidence, and lets it go when it is resolved", async () => {
    const { page, faults } = await visit();
    const event = alertEvent({ id: "live", revision: 1 });
    const from = performance.now();
    await t.publisher.publish([event]);
    const card = page.locator(".alert[data-id=live]");
    await card.waitFor();
    expect(performance.now() - from).toBeLessThan(2000);
    expect(await card.locator("h3").textContent()).toBe("Kazakhstan lost 71 % of its hash rate");
    expect(await page.locator("#announcer").textContent()).toContain("Kazakhstan");
    await page.waitForSelector("#map .circle.alerting[data-region=KZ]");
    expect(await card.locator(".why").isVisible()).toBe(false);
    await card.getByText("Why").click();
    expect(await card.locator(".evidence tbody tr").first().textContent()).toContain("antpool");
    expect(await card.locator(".rivals").textContent()).toContain("Russia");
    await t.publisher.publish([alertEvent({ id: "live", revision: 2, drop: { estimate: 0.8, low: 0.6, high: 0.9 } })]);
    await card.getByText("lost 80 %").waitFor();
    expect(await card.locator(".why").isVisible(), "what was opened stays open").toBe(true);
    await t.publisher.publish([
      { ...event, type: "resolved", revision: 3, endedAt: "2022-01-05T12:00:00Z", resolution: "recovered" },
    ]);
    await card.waitFor({ state: "detached" });
    expect(faults).toEqual([]);
    await page.close();
  });

  it("acknowledges and names regions by keyboard alone", async () => {
    await t.publisher.publish([alertEvent({ id: "keys", revision: 1 })]);
    const { page } = await visit();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the alerts");
    const row = page.locator("#region-list li[data-region=CN] button");
    await row.focus();
    await page.keyboard.press("Enter");
    expect(await row.getAttribute("aria-pressed")).toBe("true");
    await page.getByRole("heading", { name: "History of China" }).waitFor();
    page.on("dialog", (dialog) => void dialog.accept("seen"));
    await page.locator(".alert[data-id=keys]").getByRole("button", { name: "Acknowledge" }).press("Enter");
    await page.getByText("Acknowledged").waitFor();
    expect((await t.stores.alerts.get("keys"))?.record.ack).toMatchObject({ note: "seen" });
    await page.close();
  });

  it.each(["light", "dark"] as const)("is whole at 390 px, in %s", async (colorScheme) => {
    const { page, faults } = await visit({ viewport: { width: 390, height: 844 }, colorScheme });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(390);
    const background = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(background).toBe(colorScheme === "light" ? "rgb(244, 246, 249)" : "rgb(10, 14, 21)");
    expect(faults).toEqual([]);
    await page.close();
  });

  it("asks for a token where one is needed, and mutes for everybody what is silenced", async () => {
    const silences = makeSilences({ keyTag: "t" }, { redis: t.redis.client(), real: { now: () => Date.now() } });
    const tokens = [{ name: "desk", token: "secret", scopes: ["read", "write"] }] as const;
    const guarded = await startTestGateway({ pageDir, tokens }, { silences }, t.redis);
    await t.publisher.publish([alertEvent({ id: "muted", revision: 1, region: "CN" })]);
    const page = await browser.newPage();
    await page.goto(guarded.url);
    await page.getByLabel("This server asks for a token.").fill("wrong");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#token-form:not([hidden])");
    await page.getByLabel("This server asks for a token.").fill("secret");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#live-dot.open");
    const card = page.locator(".alert[data-id=muted]");
    await card.getByRole("button", { name: "Silence 4 h" }).click();
    await card.locator(".badge", { hasText: "silenced" }).waitFor();
    expect(await silences.list()).toMatchObject([{ network: "bitcoin", region: "CN", by: "desk" }]);
    await page.close();
    await guarded.stop();
  });

  it("comes back by itself, with what happened meanwhile", async () => {
    const short = await startTestGateway({ pageDir }, {}, t.redis);
    const { port } = new URL(short.url);
    const page = await browser.newPage();
    await page.goto(short.url);
    await page.waitForSelector("#live-dot.open");
    await short.gateway.stop();
    await page.getByText("reconnecting").waitFor();
    await t.publisher.publish([alertEvent({ id: "meanwhile", revision: 1, region: "RU" })]);
    const again = await startTestGateway({ pageDir, port: Number(port) }, {}, t.redis);
    await page.locator(".alert[data-id=meanwhile]").waitFor();
    await page.close();
    await again.stop();
  });
}

if (isDriven) describe("the page in a browser", inBrowser);
else
  it("the page was NOT driven: there is no Chromium here (set CHROMIUM, or CI=true to insist)", () => {
    console.log("no Chromium found: the page's browser tests did not run");
  });

/** What the wire carries for a file. */
async function compressedSize(path: string, plain: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(t.url + path, { headers: { "accept-encoding": "br" } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const body = Buffer.concat(chunks);
        expect(brotliDecompressSync(body).equals(plain), path).toBe(true);
        resolve(body.length);
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}
