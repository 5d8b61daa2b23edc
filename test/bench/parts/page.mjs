/** The page with 500 pools in Chromium, beside a bare HTML table of as many rows, where there is a browser. */
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";
import { finish } from "../dist.mjs";
import { figure } from "../figure.mjs";
import { commitView, startGateway } from "../gateway.mjs";
import { storeOn } from "../live-worker.mjs";
import { startRedis } from "../redis-server.mjs";
import { measured } from "../statistics.mjs";
import { modelOf, seededRandom } from "../world.mjs";

const [POOLS, REGIONS, ROUNDS] = [500, 50, 5];
const executablePath = [process.env.CHROMIUM, "/usr/bin/chromium"].find((file) => file && existsSync(file));
if (executablePath === undefined) finish([]);

const server = await startRedis();
const model = modelOf(POOLS, REGIONS, seededRandom(4));
const store = storeOn(server, "page");
await commitView(store, model);
const gateway = await startGateway(store, model);
const rows = model.pools.map(({ id }) => `<tr><td>${id}</td><td>1 EH/s</td><td>1 EH/s</td><td>ok</td></tr>`);
const html = `<!doctype html><title>bare</title><table><tbody id="pool-list">${rows.join("")}</tbody></table>`;
const bare = createServer((_, response) => response.setHeader("content-type", "text/html").end(html));
await new Promise((resolve) => bare.listen(0, "127.0.0.1", resolve));

/** Time until the pools are there, time of the main thread until then, ms, and bytes that came over the line. */
async function visit(browser, url) {
  const page = await browser.newPage();
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  await session.send("Network.enable");
  let bytes = 0;
  session.on("Network.loadingFinished", ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  const began = performance.now();
  await page.goto(url, { waitUntil: "commit" });
  await page.waitForSelector("#pool-list tr", { state: "attached", timeout: 120_000 });
  const stood = performance.now() - began;
  const { metrics } = await session.send("Performance.getMetrics");
  const busy = 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0);
  await page.close();
  return { stood, busy, bytes: bytes / 1024 };
}

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const found = { ours: [], bare: [] };
for (let round = 0; round <= ROUNDS; round++) {
  const ours = await visit(browser, gateway.url);
  const theirs = await visit(browser, `http://127.0.0.1:${bare.address().port}/`);
  // The first visit starts the browser's own processes.
  if (round === 0) continue;
  found.ours.push(ours);
  found.bare.push(theirs);
}
await browser.close();
await gateway.stop();
bare.close();
server.stop();
const both = (name) => ({
  ours: measured(found.ours.map((one) => one[name])),
  rival: `bare table of ${POOLS} rows`,
  theirs: measured(found.bare.map((one) => one[name])),
});
finish([
  figure(`${POOLS} pools x ${REGIONS}: the pools stand`, "ms", {
    ...both("stood"),
    limit: "scripts, then the socket's first message",
  }),
  figure(`${POOLS} pools x ${REGIONS}: main thread until then`, "ms", both("busy")),
  figure(`${POOLS} pools x ${REGIONS}: transferred`, "kB", {
    ...both("bytes"),
    limit: "the map, the chart's library and the script",
  }),
]);
