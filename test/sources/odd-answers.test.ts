import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { rateOf, says, useUpstream } from "./asking.ts";
import { startUpstream } from "./upstream.ts";

const asking = useUpstream();
const nowSeconds = 1_767_225_600;

describe("odd answers that hold a figure", () => {
  it.each([
    ["ckpool", `{"lastupdate":${nowSeconds}}{"hashrate5m":"2.5T"}{"diff":1}`, 2.5e12],
    ["ckpool", `{\n  "lastupdate": ${nowSeconds},\n  "hashrate5m": "2.5T"\n}\n`, 2.5e12],
    ["ckpool", `{"runtime":7}\n{"hashrate5m":"2.5T"}`, 2.5e12],
    ["public-pool", `\ufeff{"totalHashRate":7e15}`, 7e15],
    ["public-pool", `{"totalHashRate":"3.1 TH/s"}`, 3.1e12],
    ["public-pool", `{"totalHashRate":"64.5 MH/sec"}`, 6.45e7],
    ["nodejs-pool", `{"pool_statistics":{"hashRate":null,"collective":{"hashRate":5}}}`, null],
  ])("%s %j", async (type, body, expected) => {
    expect(rateOf(await asking().asking(type, body))).toBe(expected);
  });

  it("deflate without the header that the standard asks for", async () => {
    const handler = (_: unknown, response: { writeHead: (...a: unknown[]) => unknown; end: (b: Buffer) => void }) => {
      response.writeHead(200, { "content-encoding": "deflate" });
      response.end(deflateRawSync('{"totalHashRate":4e15}'));
    };
    expect(rateOf(await asking().asking("public-pool", handler as never))).toBe(4e15);
  });
});

describe("odd answers that hold none", () => {
  it.each([
    ["public-pool", `{"totalHashRate":7000,"x":[1,2`, "partial", /breaks off/],
    ["public-pool", `{"statusCode":429,"message":"slow down"}`, "rate-limited", /429: slow down/],
    ["public-pool", `{"error":{"code":401,"message":"api key required"}}`, "auth", /api key required/],
    ["public-pool", `{"totalHashRate":"12,345 PH/s"}`, "semantic", /two readings/],
    ["public-pool", "\u001b[31mred", "format", /\\u\{1b\}\[31mred/],
    ["miningcore", `{"pools":[{"id":"xyz1"}]}`, "semantic", /it has xyz1/, { poolId: "xyz" }],
    ["ckpool", `{"lastupdate":${nowSeconds},"hashrate1hr":"1T"}`, "semantic", /it has hashrate1hr/],
  ])("%s %j is %s", async (type, body, expected, text, options?: Record<string, string>) => {
    const outcome = await asking().asking(type, body, options);
    expect(outcome).toMatchObject({ kind: "error", class: expected, detail: expect.stringMatching(text) });
  });
});

describe("the address of a source", () => {
  const figure = '{"totalHashRate":1e15}';

  it("keeps its query behind the type's own path, and sends its user as Basic", async () => {
    const { upstream, asking: ask } = asking();
    const url = `${upstream.url.replace("//", "//me:pass%20word@")}/base/?key=abc`;
    await ask("public-pool", figure, {}, { url });
    expect(upstream.asked[0]?.path).toBe("/base/api/pool?key=abc");
    const login = Buffer.from("me:pass word").toString("base64");
    expect(upstream.asked[0]?.headers.authorization).toBe(`Basic ${login}`);
  });

  it("takes headers, plain and secret", async () => {
    const { upstream, asking: ask } = asking();
    await ask("public-pool", figure, {}, { headers: { "X-A": "1" }, secretHeaders: { "X-Key": { env: "TOKEN" } } });
    expect(upstream.asked[0]?.headers).toMatchObject({ "x-a": "1", "x-key": "sentinel" });
  });

  it("of one region that leads to another host gives no row, and no header of its own goes along", async () => {
    const { asking: ask } = asking();
    const other = await startUpstream(says(`{"lastupdate":${nowSeconds},"hashrate5m":"9T"}`));
    const outcome = await ask(
      "ckpool",
      (_, response) => response.writeHead(301, { location: `${other.url}/x` }).end(),
      {},
      { region: "EU", secretHeaders: { "X-Key": { env: "TOKEN" } } },
    );
    expect(outcome).toMatchObject({ kind: "error", class: "redirect" });
    expect(other.asked[0]?.headers["x-key"]).toBeUndefined();
    await other.close();
  });
});
