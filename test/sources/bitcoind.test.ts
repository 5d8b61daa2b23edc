import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PoliteHttp } from "../../src/sources/http/contract.ts";
import { loadPoolList, makePoolList, shippedPoolList } from "../../src/sources/pool-list.ts";
import { configOf, FIXTURES, fetchOnce, hastyHttp, NOW, sourceOn, startUpstream, type Upstream } from "./upstream.ts";

const LIST = join(FIXTURES, "bitcoind/pool-list.json");
const hex = (text: string) => Buffer.from(text, "latin1").toString("hex");

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: readonly unknown[];
}

/**
 * A node with blocks 1 to `tip`; every third is AntPool's by address, others carry a tag or nothing. From `reorganised.from`
 * on they have other hashes.
 */
function node(tip: number, reorganised = { from: Number.POSITIVE_INFINITY }) {
  const answer = ({ id, method, params }: Call) => {
    const [first] = params;
    if (method === "getblockcount") return { id, result: tip };
    if (method === "getblockhash")
      return { id, result: `hash-${String(first)}${Number(first) >= reorganised.from ? "b" : ""}` };
    const height = Number.parseInt(String(method === "getblock" ? first : params[2]).slice(5), 10);
    if (method === "getblock") {
      return {
        id,
        result: { height, time: NOW / 1000 - (tip - height) * 600, difficulty: 1.48e14, tx: [`tx-${height}`] },
      };
    }
    const address = height % 3 === 0 ? "1ExampleAddressOfAntPool" : "1Other";
    const tag = height % 3 === 1 ? "/EXAMPLEPOOL/" : "/nobody/";
    return { id, result: { vin: [{ coinbase: hex(`\u0003\u00ff${tag}`) }], vout: [{ scriptPubKey: { address } }] } };
  };
  return (_request: unknown, response: { end(body: string): void }, body: string) => {
    response.end(JSON.stringify((JSON.parse(body) as Call[]).map(answer).reverse()));
  };
}

describe("bitcoind", () => {
  let upstream: Upstream;
  let http: PoliteHttp;
  let dir: string;
  beforeEach(async () => {
    upstream = await startUpstream(node(40));
    http = hastyHttp();
    dir = mkdtempSync("/tmp/hf-node-");
  });
  afterEach(async () => {
    await http.close();
    await upstream.close();
    rmSync(dir, { recursive: true });
  });

  const source = (options = {}) =>
    sourceOn(
      configOf("bitcoind", upstream.url, {
        pools: { antpool: "antpool", examplepool: "example" },
        options: { poolList: LIST, user: "u", password: { env: "PASSWORD" }, ...options },
      }),
      http,
      { PASSWORD: "sentinel-rpc" },
    );

  it("attributes blocks by address first, then by tag, whatever its case; others are unknown", async () => {
    const outcome = await fetchOnce(source());
    if (outcome.kind !== "ok") throw new Error(JSON.stringify(outcome));
    expect(outcome.rows.length).toBe(15);
    expect(outcome.rows.slice(-3).map((row) => [row.kind === "block" && row.height, row.pool])).toEqual([
      [38, "unknown"],
      [39, "antpool"],
      [40, "example"],
    ]);
  });

  it("asks for new blocks alone, in four requests, and for height and hashes while there are none", async () => {
    const mine = source();
    await fetchOnce(mine);
    expect(upstream.asked.length).toBe(4);
    expect(await fetchOnce(mine)).toEqual({ kind: "not-modified" });
    expect(upstream.asked.length).toBe(6);
    upstream.answer(node(42));
    expect(await fetchOnce(mine)).toMatchObject({ kind: "ok", rows: [{ height: 41 }, { height: 42 }] });
  });

  it("reads again what a reorganisation put in the place of known blocks, at the same height too", async () => {
    const mine = source();
    await fetchOnce(mine);
    upstream.answer(node(40, { from: 39 }));
    const outcome = await fetchOnce(mine);
    expect(outcome).toMatchObject({ kind: "ok", rows: [{ height: 39 }, { height: 40 }] });
    expect(await fetchOnce(mine)).toEqual({ kind: "not-modified" });
    upstream.answer(node(39, { from: 39 }));
    expect(await fetchOnce(mine)).toEqual({ kind: "not-modified" });
  });

  it("a node that is still starting says so", async () => {
    upstream.answer((_, response) => {
      response.writeHead(500);
      response.end('{"result":null,"error":{"code":-28,"message":"Loading block index..."},"id":null}');
    });
    const outcome = await fetchOnce(source());
    expect(outcome).toMatchObject({ class: "semantic", detail: expect.stringContaining("still starting") });
  });

  it("a new cookie is read after the node was started again, and shown nowhere", async () => {
    const file = join(dir, ".cookie");
    writeFileSync(file, "__cookie__:first-sentinel\n");
    const mine = source({ user: undefined, password: undefined, cookie: { file } });
    await fetchOnce(mine);
    writeFileSync(file, "__cookie__:second-sentinel\n");
    upstream.answer((_, response) => {
      response.writeHead(500);
      response.end('{"error":{"code":-1,"message":"wrong second-sentinel"}}');
    });
    const outcome = await fetchOnce(mine);
    const sent = upstream.asked.map(({ headers }) =>
      Buffer.from(String(headers.authorization).slice(6), "base64").toString(),
    );
    expect(sent[0]).toBe("__cookie__:first-sentinel");
    expect(sent.at(-1)).toBe("__cookie__:second-sentinel");
    expect(JSON.stringify(outcome)).not.toContain("sentinel");
  });

  it("a cookie that is gone is an outcome, not an exception", async () => {
    const mine = source({ user: undefined, password: undefined, cookie: { file: join(dir, "none") } });
    expect(await fetchOnce(mine)).toMatchObject({ kind: "error" });
  });

  it("needs no list of its own: the shipped one knows the pools that find most blocks", async () => {
    const mine = sourceOn(
      configOf("bitcoind", upstream.url, {
        pools: { foundryusa: "foundry", viabtc: "viabtc" },
        options: { user: "u", password: { env: "PASSWORD" } },
      }),
      http,
      { PASSWORD: "sentinel-rpc" },
    );
    expect(await fetchOnce(mine)).toMatchObject({ kind: "ok" });
    const list = loadPoolList(shippedPoolList());
    const of = (script: string, addresses: string[] = []) =>
      list.attribute({ script: Buffer.from(script).toString("hex"), addresses });
    expect(of("\u0003/ViaBTC/Mined by someone/")).toEqual({ name: "ViaBTC", id: "73" });
    expect(of("/Foundry USA Pool #dropgold/")).toEqual({ name: "Foundry USA", id: "111" });
    expect(of("mined by AntPool42")).toEqual({ name: "AntPool", id: "44" });
    expect(of("/BINANCE/x")).toMatchObject({ id: "105" });
    expect(of("< OCEAN.XYZ >")).toMatchObject({ id: "142" });
    expect(of("七彩神仙鱼")).toMatchObject({ name: "F2Pool" });
    expect(of("anything", ["1KFHE7w8BhaENAswwryaoccDb6qcT6DbYY"])).toMatchObject({ name: "F2Pool" });
    expect(of("/somebody/")).toBeNull();
  });

  it("the shipped list keeps its licence beside it", () => {
    const licence = readFileSync(join(dirname(shippedPoolList()), "LICENSE"), "utf8");
    expect(licence).toMatch(/^MIT License\s+Copyright \(c\) 2019 btc\.com/);
  });

  it("needs a login and a list that can be read", () => {
    expect(() => source({ user: undefined })).toThrow(/cookie/);
    expect(() => source({ poolList: join(dir, "none.json") })).toThrow(/cannot be read/);
    writeFileSync(join(dir, "list.json"), '[{"tags":["("]}]');
    expect(() => source({ poolList: join(dir, "list.json") })).toThrow(/no pool list/);
    expect(() => makePoolList([{ name: "x", tags: ["("] }])).toThrow();
    expect(loadPoolList(LIST).attribute({ script: "", addresses: [] })).toBeNull();
  });
});
