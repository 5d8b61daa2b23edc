/** What tests of the page stand on: a gateway that serves the built page, and a browser where one is installed. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import * as driven from "../support/browser.ts";
import { startTestGateway, type TestGateway } from "./support.ts";

/** Where `pretest` builds it. */
export const PAGE_DIR = fileURLToPath(new URL("../../dist", import.meta.url));

/** Call it once, at the top of a file: `set` is handed the gateway and the browser before the first test. */
export function usePage(set: (t: TestGateway, browser: Browser) => void): void {
  let t: TestGateway | undefined;
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (!existsSync(PAGE_DIR))
      throw new Error(`${PAGE_DIR} is missing: run "npm run build" (npm test does it by itself)`);
    t = await startTestGateway({ pageDir: PAGE_DIR });
    await t.publisher.publish([]);
    if (driven.isDriven) browser = await driven.launchBrowser();
    // Without a browser the tests that drive one are skipped, and nothing reads it.
    set(t, browser as Browser);
  });
  afterAll(async () => {
    await browser?.close();
    await t?.stop();
  });
}
