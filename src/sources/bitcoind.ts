/**
 * Your own bitcoind (or a chain of its kind): every new block with the pool its coinbase names, and no third party.
 * Calls: getblockcount, getblockhash of the newest blocks, getblock (ids only), getrawtransaction of the coinbase with
 * its block's hash, which needs no transaction index. Shape: Bitcoin Core's RPC documentation.
 */
import { z } from "zod";
import { HashfallError } from "../model/errors.ts";
import type { SourceDefaults, SourceType } from "./adapter.ts";
import { rpcBatch } from "./bitcoind-rpc.ts";
import type { BlockObservation } from "./contract.ts";
import { SourceFailure } from "./failure.ts";
import { isDifficulty, parseNumber } from "./parse/hashrate.ts";
import { arrayAt, objectAt, own, textOf } from "./parse/shape.ts";
import { parseTime } from "./parse/time.ts";
import { type Coinbase, loadPoolList, type PoolList, shippedPoolList } from "./pool-list.ts";
import { type PoolNames, poolNames, slug } from "./pool-names.ts";
import { readSource } from "./read-source.ts";
import { SecretRef } from "./secret.ts";

const DEFAULTS: SourceDefaults = {
  url: "http://127.0.0.1:8332",
  minIntervalMs: 30_000,
  staleAfterMs: 3_600_000,
  timeoutMs: 15_000,
};
/** Blocks that are asked for at once: two and a half hours of Bitcoin. */
const MAX_BLOCKS = 15;

const options = z.strictObject({
  poolList: z
    .string()
    .min(1)
    .describe(
      "file with the pools' tags and addresses in the shape of mempool's pools-v2.json; the shipped one if absent",
    )
    .optional(),
  user: z.string().min(1).describe("rpcuser").optional(),
  password: SecretRef.describe("rpcpassword").optional(),
  cookie: SecretRef.describe("instead of user and password: {file: /home/you/.bitcoin/.cookie}").optional(),
});

interface Login {
  /** Read anew for every poll: a node writes a new cookie whenever it starts. */
  header(): Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
}

export const bitcoind: SourceType = {
  type: "bitcoind",
  describe: {
    summary: "your own node: every block and the pool that its coinbase names",
    limits: "your own",
    pools: "many",
    rows: ["blocks"],
    key: "required",
    undocumented: false,
  },
  defaults: DEFAULTS,
  schema: options,
  create(config, deps) {
    const { poolList, user, password, cookie } = options.parse(config.options);
    const login = makeLogin(config.id, { user, password, cookie }, deps.secrets);
    const list = loadPoolList(poolList ?? shippedPoolList());
    const names = poolNames(config);
    /** Hashes of the newest blocks by height: after a reorganisation other blocks stand there, and are read. */
    let known = new Map<number, string>();
    return readSource(config, deps, {
      defaults: DEFAULTS,
      secrets: login.secrets,
      async read(reader) {
        const headers = login.header();
        const ask: Ask = (method, each) =>
          rpcBatch(
            reader,
            each.map((params) => ({ method, params })),
            headers,
          );
        const tip = parseNumber((await ask("getblockcount", [[]])).results[0]);
        if (tip === null || !Number.isInteger(tip)) throw new SourceFailure("semantic", "the node has no height");
        const from = Math.max(tip - MAX_BLOCKS + 1, 1);
        const heights = Array.from({ length: Math.max(1, tip - from + 1) }, (_, i) => from + i);
        const { results: hashes } = await ask(
          "getblockhash",
          heights.map((height) => [height]),
        );
        const chain = new Map(heights.map((height, i) => [height, textOf(hashes[i]) ?? ""]));
        // After a reorganisation the tip may be lower than before: what lies below the known blocks is no news.
        const oldest = known.size === 0 ? 0 : Math.min(...known.keys());
        const fresh = new Map([...chain].filter(([height, hash]) => height >= oldest && known.get(height) !== hash));
        if (fresh.size === 0) return "not-modified";
        const { rows, bodySha256 } = await readBlocks(ask, fresh, list, names);
        known = chain;
        return { rows, bodySha256 };
      },
    });
  },
};

/** Calls a method once for each list of parameters, all in one request. */
type Ask = (method: string, each: readonly (readonly unknown[])[]) => ReturnType<typeof rpcBatch>;

async function readBlocks(ask: Ask, of: ReadonlyMap<number, string>, list: PoolList, names: PoolNames) {
  const [heights, hashes] = [[...of.keys()], [...of.values()]];
  const blocks = (
    await ask(
      "getblock",
      hashes.map((hash) => [hash, 1]),
    )
  ).results;
  const coinbases = await ask(
    "getrawtransaction",
    blocks.map((block, i) => [arrayAt(own(block, "tx"), "tx")[0], true, hashes[i]]),
  );
  const rows = blocks.map((block, i): BlockObservation => {
    const pool = list.attribute(coinbaseOf(coinbases.results[i]));
    const height = parseNumber(own(block, "height"));
    const difficulty = parseNumber(own(block, "difficulty"));
    const observedAt = parseTime(own(block, "time"));
    if (height === null || !isDifficulty(difficulty) || observedAt === undefined) {
      throw new SourceFailure("semantic", `block ${heights[i]} lacks height, difficulty or time`);
    }
    return {
      kind: "block",
      pool: pool === null ? "unknown" : (names.find(slug(pool.name), pool.name, pool.id) ?? names.foreign(pool.name)),
      height,
      difficulty,
      observedAt,
      observedAtBasis: "body",
      staleAfterMs: DEFAULTS.staleAfterMs,
      raw: { text: pool?.name ?? "", unit: "block" },
    };
  });
  return { rows, bodySha256: coinbases.bodySha256 };
}

function coinbaseOf(transaction: unknown): Coinbase {
  const input = arrayAt(own(objectAt(transaction, "the coinbase"), "vin"), "vin")[0];
  const outputs = arrayAt(own(transaction, "vout"), "vout");
  const addresses = outputs.flatMap((output) => {
    const script = own(output, "scriptPubKey");
    // Nodes before 22.0 list `addresses`.
    const old = own(script, "addresses");
    return [own(script, "address"), ...(Array.isArray(old) ? old : [])]
      .map(textOf)
      .filter((text) => text !== undefined);
  });
  return { script: textOf(own(input, "coinbase")) ?? "", addresses };
}

function makeLogin(
  id: string,
  given: { user: string | undefined; password: SecretRef | undefined; cookie: SecretRef | undefined },
  read: (ref: SecretRef) => string,
): Login {
  const { user, password, cookie } = given;
  if (cookie === undefined && (user === undefined || password === undefined)) {
    throw new HashfallError("SOURCE_INVALID", `Source ${id}: a node needs \`cookie\`, or \`user\` and \`password\`.`);
  }
  const secrets: string[] = [];
  const credentials = () => (cookie === undefined ? `${user}:${read(password as SecretRef)}` : read(cookie));
  return {
    secrets,
    header() {
      const plain = credentials();
      const encoded = Buffer.from(plain).toString("base64");
      secrets.splice(0, secrets.length, plain, encoded, plain.slice(plain.indexOf(":") + 1));
      return { authorization: `Basic ${encoded}` };
    },
  };
}
