import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { startHeartbeat, whyBlind } from "../../src/deliver/heartbeat.ts";
import { WebhookSender } from "../../src/deliver/webhook/send.ts";
import { systemClocks } from "../../src/model/clock.ts";
import type { ReadinessCheck } from "../../src/model/readiness.ts";
import type { NetworkStatus } from "../../src/model/view.ts";
import { SILENT } from "../store/helpers.ts";

const READY: readonly ReadinessCheck[] = [{ name: "redis", ok: true }];
const bitcoin = (state: NetworkStatus["state"], why?: string): NetworkStatus => {
  return { network: "bitcoin", state, ...(why === undefined ? {} : { why }) };
};

describe("a heartbeat is sent only while hashfall sees", () => {
  it.each<[string, readonly ReadinessCheck[], NetworkStatus, string | null]>([
    ["all is well", READY, bitcoin("ok"), null],
    ["a part of the sources is away", READY, bitcoin("degraded"), null],
    ["blind", READY, bitcoin("blind", "no source answers"), "bitcoin is blind: no source answers"],
    ["warming", READY, bitcoin("warming"), "bitcoin is warming"],
    ["the newest tick is overdue", READY, bitcoin("degraded", "overdue"), "bitcoin is degraded: overdue"],
    ["Redis is away", [{ name: "redis", ok: false, detail: "full" }], bitcoin("ok"), "redis: full"],
  ])("%s", (_, checks, status, why) => {
    expect(whyBlind(checks, [{ network: "litecoin", state: "ok" }, status])).toBe(why);
  });

  it.each([
    ["a watcher is told at once", bitcoin("ok"), ["POST /ping/uuid bitcoin: ok"]],
    ["a watcher hears nothing while we are blind", bitcoin("blind"), []],
  ])("%s", async (_, status, expected) => {
    const heard: string[] = [];
    const watcher = createServer((request, response) => {
      void text(request).then((body) => {
        heard.push(`${request.method} ${request.url} ${body}`);
        response.end("OK");
      });
    }).listen(0, "127.0.0.1");
    await once(watcher, "listening");
    const sender = new WebhookSender();
    const url = `http://127.0.0.1:${(watcher.address() as AddressInfo).port}/ping/uuid`;
    let judged = 0;
    const beating = startHeartbeat(
      { url, intervalMs: 60_000, allowPrivate: true },
      {
        sender,
        readiness: () => READY,
        statuses: () => {
          judged++;
          return [status];
        },
        real: systemClocks().real,
        logger: SILENT,
      },
    );
    onTestFinished(async () => {
      await sender.close();
      watcher.closeAllConnections();
      watcher.close();
    });
    // Waits for the one under way.
    await beating.stop();
    expect(judged).toBeGreaterThan(0);
    expect(heard).toEqual(expected);
  });
});
