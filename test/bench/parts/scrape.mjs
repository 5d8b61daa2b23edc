/** `/metrics` of many pools, beside a bare HTTP server that sends the same bytes ready made. */
import { createServer, get } from "node:http";
import { gzipSync } from "node:zlib";
import { finish, LARGEST } from "../dist.mjs";
import { figure } from "../figure.mjs";
import { commitView, startGateway } from "../gateway.mjs";
import { storeOn } from "../live-worker.mjs";
import { startRedis } from "../redis-server.mjs";
import { measured, measuredAt } from "../statistics.mjs";
import { modelOf, seededRandom } from "../world.mjs";

const SIZES = [
  [500, 50],
  [3000, 50],
].filter(([pools]) => pools <= LARGEST);
const ROUNDS = 60;

/** One request; its bytes. */
const fetchBytes = (url) =>
  new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let bytes = 0;
      const parts = [];
      response.on("data", (part) => {
        bytes += part.length;
        parts.push(part);
      });
      response.on("end", () => resolve({ bytes, body: Buffer.concat(parts), status: response.statusCode }));
    }).on("error", reject);
  });

async function measure(server, [pools, regions]) {
  const model = modelOf(pools, regions, seededRandom(4));
  const store = storeOn(server, `s${pools}`);
  await commitView(store, model);
  const gateway = await startGateway(store, model);
  const url = `${gateway.url}/metrics`;
  // The gauges follow the view once it was read.
  while (!(await fetchBytes(url)).body.includes(model.pools.at(-1).id))
    await new Promise((resolve) => setTimeout(resolve, 100));
  const { body } = await fetchBytes(url);
  const bare = createServer((_, response) => response.end(body));
  await new Promise((resolve) => bare.listen(0, "127.0.0.1", resolve));
  const bareUrl = `http://127.0.0.1:${bare.address().port}/`;
  const times = { ours: [], bare: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, address] of [
      ["ours", url],
      ["bare", bareUrl],
    ]) {
      const began = performance.now();
      await fetchBytes(address);
      times[name].push(performance.now() - began);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  bare.close();
  await gateway.stop();
  const series = body
    .toString()
    .split("\n")
    .filter((text) => text !== "" && !text.startsWith("#")).length;
  const name = `${pools} x ${regions}`;
  const limit = `prom-client's text of ${series} series`;
  const rival = "bare server, the same bytes";
  return [
    figure(`${name}: a scrape`, "ms", {
      ours: measured(times.ours),
      rival,
      theirs: measured(times.bare),
      limit,
    }),
    figure(`${name}: a scrape, p99`, "ms", {
      ours: measuredAt(times.ours, 0.99),
      rival,
      theirs: measuredAt(times.bare, 0.99),
    }),
    figure(`${name}: bytes`, "kB", {
      ours: body.length / 1024,
      rival: "the same with gzip",
      theirs: gzipSync(body).length / 1024,
    }),
  ];
}

const server = await startRedis();
const figures = [];
for (const size of SIZES) figures.push(...(await measure(server, size)));
server.stop();
finish(figures);
