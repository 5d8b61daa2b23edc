import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isoTime } from "../../src/model/tick.ts";
import { pushSamples } from "./push-examples/push.ts";
import {
  type Answered,
  FARM,
  INTERVAL_MS,
  lines,
  NEXT_SECRET,
  OTHER_SECRET,
  POOL,
  type PushServer,
  row,
  SECRET,
  send,
  startPushServer,
} from "./push-support.ts";
import { alertEvent, TICK } from "./support.ts";

const hasTools = ["curl", "openssl"].every((tool) => spawnSync(tool, ["version"]).error === undefined);

let t: PushServer;
beforeEach(async () => {
  t = await startPushServer();
});
afterEach(() => t.end());

const counts = ({ body }: Answered) => {
  const { added, duplicates, moved, late } = body;
  return [added, duplicates, moved, late];
};

describe("a signed push", () => {
  it.each([
    ["NDJSON", lines(row(), "", row({ region: "RU" }))],
    ["JSON", `{"samples":[${row()},${row({ region: "RU" })}]}`],
  ])("of %s gives each row to the tick that covers it", async (_, body) => {
    const answer = await send(t, body);
    expect([answer.status, answer.body]).toEqual([202, { added: 2, duplicates: 0, moved: 0, late: 0, refused: [] }]);
    const common = { kind: "rate", at: TICK + 1000, pool: "antpool", source: "push:farm-kz", hashrate: 9e18 };
    expect(await t.stored()).toEqual([
      { ...common, region: "KZ", basis: "server-location" },
      { ...common, region: "RU", basis: "server-location" },
    ]);
    expect((await t.store.samples.readSince("bitcoin", "", TICK + INTERVAL_MS, 9)).ticks[0]?.at).toBe(
      TICK + INTERVAL_MS,
    );
  });

  it("of whole pools and blocks keeps what a row says of itself, and calls the sender its source", async () => {
    const at = isoTime(TICK);
    const whole = JSON.stringify({ at, pool: "f2pool", hashrate: 2e19, windowSeconds: 900, source: "mine" });
    const derived = JSON.stringify({ at, pool: "antpool", hashrate: 1e19, basis: "block-derived", observedAt: at });
    const block = JSON.stringify({ at, pool: "f2pool", height: 717_300, difficulty: 2.4e13, network: "bitcoin" });
    const answer = await send(t, lines(whole, derived, block), { sender: "desk", secret: OTHER_SECRET });
    expect(counts(answer)).toEqual([3, 0, 0, 0]);
    const source = "push:desk";
    expect(await t.stored()).toEqual([
      { kind: "block", at: TICK, pool: "f2pool", source, height: 717_300, difficulty: 2.4e13 },
      { kind: "rate", at: TICK, pool: "antpool", source, hashrate: 1e19, basis: "block-derived", observedAt: TICK },
      { kind: "rate", at: TICK, pool: "f2pool", source, hashrate: 2e19, basis: "pool-reported", windowSeconds: 900 },
    ]);
  });

  it("may be signed with either secret while one is exchanged for another, and with both at once", async () => {
    expect((await send(t, row(), { secret: NEXT_SECRET })).status).toBe(202);
    const [id, now, body] = ["m-both", new Date(), row()];
    const signatures = [OTHER_SECRET, SECRET].map((secret) => new Webhook(secret).sign(id, now, body));
    const headers = { "webhook-signature": ["v1a,xyz", ...signatures].join(" ") };
    expect((await send(t, body, { id, headers })).status).toBe(202);
  });

  it.each([-290_000, 290_000])("may come from a clock that is %i ms off ours", async (aheadMs) => {
    expect((await send(t, row(), { aheadMs })).status).toBe(202);
  });

  it("is taken once: the same message again gets the same answer, and its rows do not come twice", async () => {
    const body = lines(row(), row({ pool: "f2pool" }));
    const first = await send(t, body, { id: "m-1" });
    expect(first.status).toBe(202);
    const again = await send(t, body, { id: "m-1", aheadMs: 2000 });
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect((await t.metrics.render()).match(/^hashfall_samples_total\{.*result="added".*$/m)?.[0]).toMatch(/ 1$/);
    const other = await send(t, lines(row({ region: "RU" })), { id: "m-1" });
    expect([other.status, other.body.code]).toEqual([409, "id-reused"]);
    expect(await t.stored()).toHaveLength(1);
    expect((await send(t, body, { id: "m-2" })).body).toMatchObject({ added: 0, duplicates: 1 });
  });

  it("is remembered for longer than its signature is good", async () => {
    await send(t, row(), { id: "m-1" });
    const redis = t.redis.client();
    const [key = ""] = await redis.keys("*push*");
    expect(await redis.pttl(key)).toBeGreaterThan(10 * 60_000);
  });

  it("that comes twice at once is stored once", async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(t, row(), { id: "m-1" })));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 202)).toHaveLength(1);
    for (const { status, body } of answers) if (status > 202) expect(body.code).toBe("in-progress");
    expect(await t.stored()).toHaveLength(1);
  });

  it("of rows whose tick is decided gives them to the next one, with the time they are of", async () => {
    await t.publisher.publish([alertEvent({ id: "a", revision: 1 })]);
    const decided = TICK + INTERVAL_MS;
    const body = lines(row({ at: isoTime(decided - 1000) }), row({ at: isoTime(decided + 1000), region: "RU" }));
    expect(counts(await send(t, body))).toEqual([1, 0, 1, 0]);
    expect(await t.stored()).toContainEqual(
      expect.objectContaining({ at: decided + INTERVAL_MS, region: "KZ", observedAt: decided - 1000 }),
    );
    // The oldest time that is taken at all is of a tick that can still be moved.
    const oldest = lines(row({ at: isoTime(decided + 1000 - 2 * INTERVAL_MS) }));
    expect(counts(await send(t, oldest))).toEqual([0, 0, 1, 0]);
  });
});

describe("rows that cannot be used", () => {
  it("are named with line and why, and all others are stored", async () => {
    const far = 2 * INTERVAL_MS;
    const bad: [string, RegExp][] = [
      ["not json", /not JSON/],
      [row({ pool: "f2pool" }), /farm-kz may not speak for the pool "f2pool"/],
      [row({ region: "US-TX" }), /may not speak for the region US-TX; allowed: KZ, RU/],
      [row({ region: undefined }), /may only send figures of regions: KZ, RU/],
      [row({ region: "RU", hashrate: "NaN" }), /"hashrate" is "NaN"/],
      [row({ region: "RU", hashrate: null }), /"hashrate" is null/],
      [row({ region: "RU", hashrate: -1 }), /at least 0/],
      [row({ region: "RU" }).replace("9000000000000000000", "1e400"), /"hashrate"/],
      [row({ region: "RU", at: isoTime(TICK - far) }), /within 10 minutes of now, 2022-01-05T10:50:01Z/],
      [row({ region: "RU", at: isoTime(TICK + far + 2000) }), /within 10 minutes/],
      [row({ region: "RU", at: "2022-01-05T10:50:00" }), /ISO 8601 with a zone/],
      [row({ region: "RU", observedAt: isoTime(TICK + 200_000) }), /after now/],
      [row({ region: "RU", backfilled: true }), /history/],
      [row({ region: "RU", network: "litecoin" }), /farm-kz speaks of bitcoin/],
      [JSON.stringify({ at: isoTime(TICK), tick: true }), /only hash rates and blocks/],
      [JSON.stringify({ at: isoTime(TICK), pool: "antpool", height: 1, difficulty: 1 }), /regions/],
      [`{"at":${"[".repeat(50_000)}${"]".repeat(50_000)}}`, /./],
    ];
    const { status, body } = await send(t, lines(row(), ...bad.map(([text]) => text), row({ region: "RU" })));
    expect([status, body.added]).toEqual([202, 2]);
    expect(body.refused.map(({ line }) => line)).toEqual(bad.map((_, i) => i + 2));
    for (const [i, [text, why]] of bad.entries()) expect(body.refused[i]?.why, text.slice(0, 200)).toMatch(why);
    expect((await t.stored()).map((sample) => "region" in sample && sample.region)).toEqual(["KZ", "RU"]);
    expect(t.logged.some((line) => line.includes("pushed rows were refused"))).toBe(true);
  });

  it("take nothing with them when none is left", async () => {
    const { status, body } = await send(t, lines("x", "y"));
    expect([status, body.added, body.refused.length]).toEqual([202, 0, 2]);
    expect(await t.stored()).toEqual([]);
  });

  it("of a whole pool's sender are those of regions", async () => {
    const { body } = await send(t, row(), { sender: "desk", secret: OTHER_SECRET });
    expect(body.refused[0]?.why).toContain("desk may not speak for the region KZ");
  });
});

describe("the signature is the authority", () => {
  it("on a public bind without tokens, where every other write is refused", async () => {
    const open = await startPushServer({ host: "0.0.0.0" });
    expect((await send(open, row())).status).toBe(202);
    const silence = await fetch(`${open.url}/api/v1/silences`, { method: "POST", body: "{}" });
    expect(silence.status).toBe(403);
    expect((await send(open, row(), { secret: OTHER_SECRET })).status).toBe(401);
    await open.end();
  });

  it("where tokens are asked for: none is needed, and none stands for it", async () => {
    const guarded = await startPushServer({ tokens: [{ name: "ops", token: "t0ken", scopes: ["read", "write"] }] });
    expect((await send(guarded, row())).status).toBe(202);
    const headers = { authorization: "Bearer t0ken", "webhook-signature": "" };
    expect((await send(guarded, row(), { headers })).body.code).toBe("signature-invalid");
    await guarded.end();
  });

  it("and its secret is shown to nobody", async () => {
    const seen: string[] = [];
    for (const how of [{}, { secret: OTHER_SECRET }, { sender: "nobody" }, { aheadMs: -1e9 }])
      seen.push(JSON.stringify((await send(t, lines(row(), "bad"), how)).body));
    for (const path of ["/metrics", "/openapi.json", "/api/v1/sources", "/api/v1/networks", "/readyz"])
      seen.push(await (await fetch(`${t.url}${path}`)).text());
    const redis = t.redis.client();
    for (const key of await redis.keys("*push*")) seen.push(key, (await redis.get(key)) ?? "");
    const all = [...seen, ...t.logged].join("\n");
    for (const secret of [...FARM.secrets, ...POOL.secrets]) {
      expect(all).not.toContain(secret);
      expect(all).not.toContain(secret.replace("whsec_", ""));
    }
    expect(all).toContain("farm-kz");
  });
});

describe("the examples", () => {
  it("in TypeScript: rows are sent, and what became of them is said", async () => {
    const url = `${t.url}/api/v1/samples?sender=farm-kz`;
    const good = { at: isoTime(TICK), pool: "antpool", region: "KZ", hashrate: 1e18 };
    expect(await pushSamples(url, SECRET, [good, { ...good, pool: "other" }])).toMatchObject([
      202,
      { added: 1, refused: [{ line: 2 }] },
    ]);
  });

  if (hasTools)
    it("in a shell, with curl and openssl: a file of NDJSON is sent", async () => {
      const folder = mkdtempSync("/tmp/hf-push-");
      writeFileSync(join(folder, "rows.ndjson"), lines(row(), row({ region: "RU" })));
      const script = join(import.meta.dirname, "push-examples/push.sh");
      const child = spawn("sh", [script, "rows.ndjson", `${t.url}/api/v1/samples?sender=farm-kz`], {
        cwd: folder,
        env: { ...process.env, HASHFALL_SECRET: SECRET },
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      for await (const chunk of child.stdout) said += String(chunk);
      expect(JSON.parse(said)).toMatchObject({ added: 2, refused: [] });
      rmSync(folder, { recursive: true });
    });
});
