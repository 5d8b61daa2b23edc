import { request } from "node:http";
import { brotliDecompressSync } from "node:zlib";
import type { Browser } from "playwright-core";
import { describe, expect, it } from "vitest";
import { makeKeys } from "../../src/store/keys.ts";
import { makeSilences } from "../../src/store/silences.ts";
import * as driven from "../support/browser.ts";
import { servedTime } from "../support/served-time.ts";
import { PAGE_DIR, usePage } from "./page-stage.ts";
import { alertEvent, startTestGateway, type TestGateway } from "./support.ts";

const MOST_BYTES = 200_000;

let t: TestGateway;
let browser: Browser;

usePage((gateway, itsBrowser) => {
  t = gateway;
  browser = itsBrowser;
});

const visit = (options: Parameters<Browser["newPage"]>[0] = {}) => driven.visit(browser, t.url, options);

describe("the page's files", () => {
  it("come with a policy that lets nothing in from elsewhere", async () => {
    const answer = await fetch(t.url);
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    // Nothing inline and nothing evaluated, so the document has none of it: no style, no handler, no script of its own.
    expect(policy).not.toMatch(/unsafe|nonce|sha256|\*/);
    expect(await answer.text()).not.toMatch(/https?:\/\/|\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)/i);
  });

  it("are given again only when they changed, and never from outside their folders", async () => {
    const etag = (await fetch(`${t.url}/ui/main.js`)).headers.get("etag") ?? "";
    expect((await fetch(`${t.url}/ui/main.js`, { headers: { "if-none-match": etag } })).status).toBe(304);
    for (const path of ["/ui/../../package.json", "/ui/%2e%2e/main.js", "/deliver/gateway.js", "/ui/main.js.map"])
      expect((await fetch(t.url + path)).status, path).toBe(404);
  });
});

function inBrowser(): void {
  it("shows regions, pools and the map without an error or a foreign request, under 200 kB on the wire", async () => {
    const { page, faults, paths } = await visit();
    await page.waitForSelector("#map .circle[data-region=CN]");
    await page.waitForSelector("#chart canvas");
    await page.locator("#chart .u-legend", { hasText: "EH/s" }).waitFor();
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
    console.log(`the page is ${(bytes / 1000).toFixed(1)} kB on the wire (${paths.size} requests)`);
    expect(bytes).toBeLessThan(MOST_BYTES);
    expect(faults).toEqual([]);
    await page.close();
  });

  it("shows an alert within two seconds of its event, with its evidence, and lets it go when it is resolved", async () => {
    const { page, faults } = await visit();
    const event = alertEvent({ id: "live", revision: 1 });
    const card = page.locator(".alert[data-id=live]");
    const { ms } = await servedTime(async () => {
      await t.publisher.publish([event]);
      await card.waitFor();
    });
    expect(ms).toBeLessThan(2000);
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

  it("can be used by keyboard alone: from the skip link to the evidence, an acknowledgement and a region", async () => {
    await t.publisher.publish([alertEvent({ id: "keys", revision: 1 })]);
    const { page, faults } = await visit();
    const focused = () => page.evaluate("document.activeElement.textContent") as Promise<string>;
    /** Presses Tab until what has the focus says this; never more often than there are things to reach. */
    const tabTo = async (text: string): Promise<void> => {
      for (let pressed = 0; pressed < 40 && (await focused()) !== text; pressed += 1) await page.keyboard.press("Tab");
      expect(await focused()).toBe(text);
      const outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle");
      expect(outline, `${text} shows that it has the focus`).toBe("solid");
    };
    await tabTo("Skip to the alerts");
    await page.keyboard.press("Enter");
    await tabTo("Why");
    await page.keyboard.press("Enter");
    await page.locator(".alert[data-id=keys] .evidence").waitFor();
    await tabTo("Acknowledge");
    await page.keyboard.press("Enter");
    await page.keyboard.type("seen");
    await page.keyboard.press("Escape");
    expect(await focused(), "Escape goes back to the button").toBe("Acknowledge");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.type("ana");
    await page.keyboard.press("Enter");
    await page.getByText("Acknowledged by ana").waitFor();
    expect((await t.stores.alerts.get("keys"))?.record.ack).toMatchObject({ note: "seen", by: "ana" });
    const china = page.locator("#region-list li[data-region=CN] button");
    await tabTo((await china.textContent()) ?? "");
    await page.keyboard.press("Space");
    expect(await china.getAttribute("aria-pressed")).toBe("true");
    await page.getByRole("heading", { name: "History of China" }).waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });

  it("tells everybody who has an alert in hand", async () => {
    await t.publisher.publish([alertEvent({ id: "taken", revision: 1, region: "RU" })]);
    await t.stores.alerts.acknowledge("taken", { by: "bea", note: "calling Irkutsk" });
    const { page } = await visit();
    await page
      .locator(".alert[data-id=taken]")
      .getByText(/^Acknowledged by bea, .*: calling Irkutsk$/)
      .waitFor();
    await page.close();
  });

  it("keeps what has ended, with its evidence and everything that was said", async () => {
    const event = alertEvent({ id: "past", revision: 1 });
    const { evidence: _, ...rest } = event;
    await t.publisher.publish([event]);
    await t.publisher.publish([
      { ...rest, type: "resolved", revision: 2, endedAt: "2022-01-05T12:00:00Z", resolution: "recovered" },
    ]);
    const { page } = await visit();
    await page.getByText(/^Resolved before/).click();
    const row = page.locator("#past-list li").first();
    await row.getByText("Kazakhstan lost 71 % of its hash rate, recovered after 1 h 28 min").click();
    await row.locator(".evidence").waitFor();
    expect(await row.locator(".said-list").textContent()).toMatch(/opened as critical, 71 % down.*recovered/);
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

  it("puts nothing in a screen reader's way, by day or by night, wide or narrow", async () => {
    await t.publisher.publish([
      alertEvent({ id: "read", revision: 1 }),
      alertEvent({ id: "read-2", revision: 1, region: "CN", severity: "warning" }),
    ]);
    const { page } = await visit({ colorScheme: "light" });
    const card = page.locator(".alert[data-id=read]");
    await card.getByText("Why").click();
    await card.getByRole("button", { name: "Silence" }).click();
    await card.getByRole("button", { name: "Acknowledge" }).click();
    await page.getByRole("button", { name: "Silence a region or pool" }).click();
    expect(await driven.barriers(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await driven.barriers(page, ["color-contrast"]), "by night").toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await driven.barriers(page, ["target-size", "color-contrast", "scrollable-region-focusable"])).toEqual([]);
    await page.close();
  });

  it("asks for a token where one is needed, and mutes for everybody what is silenced", async () => {
    const silences = makeSilences({ keys: makeKeys("t"), redis: t.redis.client(), real: { now: () => Date.now() } });
    const tokens = [{ name: "desk", token: "secret", scopes: ["read", "write"] }] as const;
    const guarded = await startTestGateway({ pageDir: PAGE_DIR, tokens }, { silences }, t.redis);
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
    await card.getByRole("button", { name: "Silence" }).click();
    const form = card.getByRole("form", { name: "Silence" });
    await form.getByLabel("For").selectOption("1 day");
    await form.getByLabel("Note").fill("works");
    await page.keyboard.press("Enter");
    await card.locator(".badge", { hasText: "silenced until" }).waitFor();
    const [silence] = await silences.list();
    expect(silence).toMatchObject({ network: "bitcoin", region: "CN", by: "desk", note: "works" });
    expect(Date.parse(silence?.endsAt ?? "") - Date.now()).toBeGreaterThan(23 * 3_600_000);
    await page.getByRole("button", { name: "End the silence of China" }).click();
    await card.locator(".badge", { hasText: /^critical$/ }).waitFor();
    expect(await silences.list()).toEqual([]);
    await page.getByRole("button", { name: "Silence a region or pool" }).click();
    await page.getByLabel("What").selectOption("f2pool (pool)");
    await page.keyboard.press("Enter");
    await page.locator("#silence-new").getByRole("button", { name: "Silence", exact: true }).click();
    await page.locator("#silence-list").getByText("f2pool").waitFor();
    expect(await silences.list()).toMatchObject([{ network: "bitcoin", pool: "f2pool" }]);
    await page.close();
    await guarded.stop();
  });

  it("comes back by itself, with what happened meanwhile", async () => {
    const short = await startTestGateway({ pageDir: PAGE_DIR }, {}, t.redis);
    const { port } = new URL(short.url);
    const page = await browser.newPage();
    await page.goto(short.url);
    await page.waitForSelector("#live-dot.open");
    await short.gateway.stop();
    await page.getByText("reconnecting").waitFor();
    await t.publisher.publish([alertEvent({ id: "meanwhile", revision: 1, region: "RU" })]);
    const again = await startTestGateway({ pageDir: PAGE_DIR, port: Number(port) }, {}, t.redis);
    await page.locator(".alert[data-id=meanwhile]").waitFor();
    await page.close();
    await again.stop();
  });
}

if (driven.isDriven) describe("the page in a browser", inBrowser);
else driven.itIsNotDriven("the page");

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
