import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type Answered,
  FARM,
  lines,
  OTHER_SECRET,
  type PushServer,
  row,
  SECRET,
  type Sent,
  send,
  startPushServer,
} from "./push-support.ts";

let t: PushServer;
beforeEach(async () => {
  t = await startPushServer();
});
afterEach(() => t.end());

describe("what is refused as a whole", () => {
  const big = lines(...Array.from({ length: 1001 }, () => row()));
  it.each<[string, string, Sent, number, string]>([
    ["another's secret", row(), { secret: OTHER_SECRET }, 401, "signature-invalid"],
    ["no signature", row(), { headers: { "webhook-signature": "" } }, 401, "signature-invalid"],
    [
      "a signature of another version",
      row(),
      { headers: { "webhook-signature": "v1a,AAAA" } },
      401,
      "signature-invalid",
    ],
    ["another id than was signed", row(), { headers: { "webhook-id": "other" } }, 401, "signature-invalid"],
    ["an id with a dot", row(), { id: "a.1" }, 401, "signature-invalid"],
    [
      "another time than was signed",
      row(),
      { headers: { "webhook-timestamp": `${Math.floor(Date.now() / 1000) + 60}` } },
      401,
      "signature-invalid",
    ],
    ["no time", row(), { headers: { "webhook-timestamp": "now" } }, 401, "signature-invalid"],
    ["an old time", row(), { aheadMs: -302_000 }, 401, "timestamp-out-of-range"],
    ["a time to come", row(), { aheadMs: 302_000 }, 401, "timestamp-out-of-range"],
    ["a sender nobody knows", row(), { sender: "nobody" }, 400, "unknown-sender"],
    ["no sender where there are two", row(), { sender: null }, 400, "unknown-sender"],
    ["an empty body", "", {}, 400, "bad-request"],
    ["JSON that ends early", '{"samples":[', {}, 400, "bad-request"],
    ["JSON of another shape", '{"samples":{}}', {}, 400, "bad-request"],
    ["null", "null", { headers: { "content-type": "application/json" } }, 400, "bad-request"],
    ["too many rows", big, {}, 413, "too-many-rows"],
    ["too many rows of JSON", `{"samples":[${"1,".repeat(1000)}1]}`, {}, 413, "too-many-rows"],
    ["JSON nested too deeply", `{"samples":[${"[".repeat(50_000)}${"]".repeat(50_000)}]}`, {}, 400, "bad-request"],
    ["too many bytes", " ".repeat(262_145), {}, 413, "too-large"],
    [
      "a form",
      row(),
      { headers: { "content-type": "application/x-www-form-urlencoded" } },
      415,
      "unsupported-media-type",
    ],
    ["a body in gzip", row(), { headers: { "content-encoding": "gzip" } }, 415, "unsupported-media-type"],
  ])("%s", async (_, body, how, status, code) => {
    const answer = await send(t, body, how);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    if (status === 401) expect(answer.headers.get("www-authenticate")).toMatch(/^StandardWebhooks/);
    expect(await t.stored()).toEqual([]);
    // A refused envelope leaves its id free: the same message, mended, is taken.
    expect(await t.redis.client().keys("*push*")).toEqual([]);
  });

  it("bytes that are no text, though well signed", async () => {
    const [id, at, body] = ["m-1", `${Math.floor(Date.now() / 1000)}`, Buffer.from([0x7b, 0xff, 0x7d])];
    const key = Buffer.from(SECRET.slice("whsec_".length), "base64");
    const signature = createHmac("sha256", key).update(`${id}.${at}.`).update(body).digest("base64");
    const signed = { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": `v1,${signature}` };
    const answer = await fetch(`${t.url}/api/v1/samples?sender=farm-kz`, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...signed },
    });
    expect(await answer.json()).toMatchObject({ code: "bad-request", detail: "the body is not UTF-8" });
  });

  it("a body that is not the one that was signed", async () => {
    const headers = { "webhook-signature": "" };
    const signed = await send(t, row(), { id: "m-1", headers: {} });
    expect(signed.status).toBe(202);
    expect((await send(t, row({ hashrate: 1 }), { id: "m-1", headers })).status).toBe(401);
  });

  it("everything, where no sender is configured, and a reload changes that", async () => {
    t.senders = [];
    expect((await send(t, row())).body).toMatchObject({ status: 404, code: "not-configured" });
    t.senders = [FARM];
    expect((await send(t, row(), { sender: null })).status).toBe(202);
  });

  it("what comes too fast, and only of that sender", async () => {
    // All at once: sent one after the other on a busy machine, they would not come too fast.
    const answers: Answered[] = await Promise.all(Array.from({ length: 40 }, () => send(t, row())));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(10);
    expect(refused[0]?.body.code).toBe("rate-limited");
    expect(refused[0]?.headers.get("retry-after")).toBe("2");
    const other = await send(t, row({ region: undefined }), { sender: "desk", secret: OTHER_SECRET });
    expect(other.status).toBe(202);
  });

  it("for as long as Redis is away; then the same message is taken", async () => {
    await t.redis.kill();
    const away = await send(t, row(), { id: "m-1" });
    expect([away.status, away.body.code]).toEqual([503, "store-unavailable"]);
    await t.redis.start();
    let back = await send(t, row(), { id: "m-1" });
    while (back.status === 503) back = await send(t, row(), { id: "m-1" });
    expect(back.status).toBeLessThanOrEqual(202);
    expect(await t.stored()).toHaveLength(1);
  });
});
