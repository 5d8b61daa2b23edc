/** What the page says while it knows nothing, where its links lead, and how it stands with 500 pools. */
import type { Browser } from "playwright-core";
import { describe, expect, it } from "vitest";
import { acksOf, ackTexts } from "../../src/ui/acks.ts";
import { arranged } from "../../src/ui/pool-order.ts";
import { addressOfAlert, alertOfAddress } from "../../src/ui/route.ts";
import * as driven from "../support/browser.ts";
import { PAGE_DIR, usePage } from "./page-stage.ts";
import { alertEvent, networkConfig, startTestGateway, type TestGateway, TICK } from "./support.ts";

let t: TestGateway;
let browser: Browser;

usePage((gateway, itsBrowser) => {
  t = gateway;
  browser = itsBrowser;
});

describe("an acknowledgement", () => {
  const at = "2022-01-05T10:55:00Z";

  it.each([
    [{ by: "ana", at, note: "seen" }, "Acknowledged by ana, 5 Jan 10:55: seen"],
    [{ by: "ana", at, note: "" }, "Acknowledged by ana, 5 Jan 10:55"],
    [{ by: "ana", at } as never, "Acknowledged by ana, 5 Jan 10:55"],
  ])("is told in words, and a note that is not there is not told: %j", (ack, text) => {
    expect(ackTexts([ack])).toEqual([text]);
  });

  it("does not hide those before it", () => {
    const [first, second] = [
      { by: "ana", at, note: "" },
      { by: "bea", at, note: "" },
    ];
    expect(acksOf({ ack: second, acks: [first, second] } as never)).toEqual([first, second]);
    expect(acksOf({ ack: second } as never)).toEqual([second]);
    expect(acksOf({} as never)).toEqual([]);
  });
});

describe("the address of an alert", () => {
  it.each(["bitcoin-region-20220105T1050Z-1", "a/b c%", "ü"])("leads back to %s", (id) => {
    expect(alertOfAddress(addressOfAlert(id))).toBe(id);
  });

  it.each(["", "#", "#alerts", "#/", "#/alerts/", "#/alerts/%E0%A4%A"])("names no alert: %s", (hash) => {
    expect(alertOfAddress(hash)).toBeUndefined();
  });
});

describe("the list of pools", () => {
  const pools = [
    { pool: "b", hashrate: 2, expected: 4 },
    { pool: "a", hashrate: 1, expected: 1 },
    { pool: "silent", expected: 9 },
    { pool: "unknown" },
  ].map((pool) => ({ network: "bitcoin", state: "ok" as const, regions: [], ...pool }));
  const names = (...args: [string, { key: string; up: boolean }]) => arranged(pools, ...args).map(({ pool }) => pool);

  it.each([
    ["", "pool", true, ["a", "b", "silent", "unknown"]],
    ["", "pool", false, ["unknown", "silent", "b", "a"]],
    ["", "now", false, ["b", "a", "silent", "unknown"]],
    ["", "now", true, ["a", "b", "silent", "unknown"]],
    ["", "change", true, ["b", "a", "silent", "unknown"]],
    ["", "expected", false, ["silent", "b", "a", "unknown"]],
    [" B ", "expected", false, ["b"]],
    ["none", "expected", false, []],
  ] as const)("search '%s', by %s, upwards %s: what is unknown comes last", (search, key, up, expected) => {
    expect(names(search, { key, up })).toEqual(expected);
  });
});

function inBrowser(): void {
  it("says that there is no contact and since when, stops its clock, and takes back that nothing has fallen", async () => {
    const short = await startTestGateway({ pageDir: PAGE_DIR }, {}, t.redis);
    const { port } = new URL(short.url);
    const page = await browser.newPage();
    await page.clock.install();
    await page.goto(short.url);
    await page.waitForSelector("#live-dot.open");
    await page.getByText("Nothing has fallen.").waitFor();
    await short.gateway.stop();
    await page.getByText("reconnecting").waitFor();
    await page.clock.fastForward(15_000);
    await page.waitForSelector("body.no-contact");
    await driven.picture(page, "no-contact");
    expect(await page.locator("#live-text").textContent()).toMatch(/^no contact since \d\d:\d\d:\d\d UTC$/);
    expect(await page.title()).toBe("no contact: hashfall");
    expect(await page.locator("#banner").textContent()).toMatch(/^No contact with hashfall since .* ago\./);
    expect(await page.locator("#facts .chip").textContent()).toBe("not known");
    expect(await page.locator("main").textContent()).not.toMatch(
      /Nothing has fallen|Nothing is silenced|fresh figures/,
    );
    expect(await page.locator("#map svg").getAttribute("aria-label")).not.toContain("No region is down");
    const stopped = await page.locator("#facts time").textContent();
    await page.clock.fastForward(180_000);
    await page.getByText(/3 min ago/).waitFor();
    expect(await page.locator("#facts time").textContent()).toBe(stopped);
    const again = await startTestGateway({ pageDir: PAGE_DIR, port: Number(port) }, {}, t.redis);
    await page.clock.fastForward(10_000);
    await page.waitForSelector("body:not(.no-contact) #live-dot.open");
    await page.getByText("Nothing has fallen.").waitFor();
    expect(await page.title()).toBe("hashfall");
    await page.close();
    await again.stop();
  });

  it("says nothing about the world without a token", async () => {
    const tokens = [{ name: "desk", token: "secret", scopes: ["read"] }] as const;
    const guarded = await startTestGateway({ pageDir: PAGE_DIR, tokens }, {}, t.redis);
    const page = await browser.newPage();
    await page.goto(guarded.url);
    await page.waitForSelector("#token-form:not([hidden])");
    expect(await page.locator("main").textContent()).not.toMatch(
      /Nothing has fallen|Nothing is silenced|fresh figures/,
    );
    expect(await page.getByText("Nothing is known without a token.").count()).toBeGreaterThan(1);
    await page.close();
    await guarded.stop();
  });

  it("says why when the server answers that it cannot tell", async () => {
    const page = await browser.newPage();
    await page.route("**/api/v1/pools?*", (route) =>
      route.fulfill({ status: 503, json: { code: "store-away", detail: "Redis does not answer" } }),
    );
    await page.goto(t.url);
    await page.locator("#banner", { hasText: "the lists cannot be read: Redis does not answer" }).waitFor();
    expect(await page.locator("main").textContent()).not.toMatch(/Nothing has fallen|Nothing is silenced/);
    await page.close();
  });

  it("shows what is open although no socket gets through", async () => {
    await t.publisher.publish([alertEvent({ id: "no-socket", revision: 1 })]);
    const page = await browser.newPage();
    await page.routeWebSocket("**/ws", (ws) => ws.close());
    await page.goto(t.url);
    await page.locator(".alert[data-id=no-socket]").waitFor();
    await page.close();
  });

  it("is led to an alert by its link, open or ended, and away from it by Back", async () => {
    const event = alertEvent({ id: "linked", revision: 1, region: "RU" });
    const { evidence: _, ...rest } = alertEvent({ id: "ended", revision: 1 });
    await t.publisher.publish([event, { ...rest, evidence: event.evidence! }]);
    await t.publisher.publish([
      { ...rest, type: "resolved", revision: 2, endedAt: "2022-01-05T12:00:00Z", resolution: "recovered" },
    ]);
    const { page, faults } = await driven.visit(browser, `${t.url}/#/alerts/linked`);
    await page.locator(".alert.addressed[data-id=linked]").waitFor();
    await page.evaluate("location.hash = '#/alerts/ended'");
    await page.locator("#linked h3", { hasText: "recovered" }).waitFor();
    await page.locator("#linked .evidence").waitFor();
    await page.goBack();
    await page.locator(".alert.addressed[data-id=linked]").waitFor();
    expect(await page.locator("#linked").isHidden()).toBe(true);
    expect(faults).toEqual([]);
    await page.evaluate("location.hash = '#/alerts/no-such'");
    await page.locator("#linked h3", { hasText: "Alert no-such cannot be shown" }).waitFor();
    await page.close();
  });

  it("says the reader's own time beside UTC", async () => {
    await t.publisher.publish([alertEvent({ id: "local", revision: 1 })]);
    const { page } = await driven.visit(browser, t.url, { timezoneId: "Asia/Tokyo" });
    expect(await page.locator("#facts time").textContent()).toMatch(/ UTC \(.*\d\d:\d\d GMT\+9\)/);
    const since = page.locator(".alert[data-id=local] dd").first();
    expect(await since.textContent()).toMatch(/^5 Jan 10:32.*19:32 GMT\+9/);
    await page.close();
  });

  it("is not buried under 500 pools: folded, searched, sorted", async () => {
    const one = networkConfig();
    const ids = Array.from({ length: 500 }, (_, i) => `pool-${String(i).padStart(3, "0")}`);
    const config = { ...one, model: { ...one.model, pools: ids.map((id) => ({ ...one.model.pools[0]!, id })) } };
    const pools = ids.map((pool, i) => ({
      ...{ pool, hashrate: 1e18 * (i + 1), expected: 1e18 * (i + 2), sampledAt: TICK, state: "ok" as const },
    }));
    const large = await startTestGateway({ pageDir: PAGE_DIR }, { networks: () => [config] }, t.redis);
    await t.publisher.publish([], { pools });
    const from = performance.now();
    const { page, faults } = await driven.visit(browser, large.url);
    const rows = page.locator("#pool-list tr");
    await rows.first().waitFor();
    console.log(`the page stood with 500 pools after ${Math.round(performance.now() - from)} ms`);
    expect(await rows.count()).toBe(25);
    expect(await rows.first().locator("th").textContent()).toBe("pool-499");
    await page.getByRole("button", { name: "Change", exact: true }).click();
    expect(await rows.first().locator("th").textContent()).toBe("pool-000");
    await page.getByLabel("Search pools").fill("pool-25");
    expect(await rows.count()).toBe(10);
    await page.getByLabel("Search pools").fill("no such");
    await page.getByText("None of 500 pools has “no such” in its name.").waitFor();
    await page.getByLabel("Search pools").fill("");
    await page.getByRole("button", { name: "Show all 500 pools" }).click();
    expect(await rows.count()).toBe(500);
    expect(faults).toEqual([]);
    await page.close();
    await large.stop();
    await t.publisher.publish([]);
  });
}

if (driven.isDriven) describe("the page in a browser", inBrowser);
else driven.itIsNotDriven("what the page knows");
