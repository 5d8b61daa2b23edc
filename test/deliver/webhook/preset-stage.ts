/** An alert's story told to one receiver by any preset, and single messages of a preset for alerts of every kind. */
import type { WebhookConfig } from "../../../src/config/resolve/resolved.ts";
import type { HttpMessage } from "../../../src/deliver/webhook/presets/preset.ts";
import { findPreset } from "../../../src/deliver/webhook/presets/registry.ts";
import type { AlertEvent, DeliveredAlert } from "../../../src/model/alert.ts";
import { alertEvent } from "../support.ts";
import type { Received } from "./receiver.ts";
import { outage, webhookConfig } from "./replica.ts";
import type { WebhookStage } from "./stage.ts";

export const PUBLIC_URL = "https://hashfall.example";
const ROUTING_KEY = "0123456789abcdef0123456789abcdef";
export const OPTIONS: Readonly<Record<string, Record<string, string>>> = {
  telegram: { chatId: "-1001234567890" },
  pagerduty: { routingKey: ROUTING_KEY },
};
const PATHS: Readonly<Record<string, string>> = {
  telegram: "/bot123:abc/sendMessage",
  discord: "/api/webhooks/1/token",
  pagerduty: "/v2/enqueue",
  opsgenie: "/v2/alerts",
  ntfy: "/my-topic",
};
export const END = { type: "resolved", resolution: "recovered", endedAt: "2022-01-06T00:00:00Z" } as const;

function distinct(requests: readonly Received[]): Received[] {
  return [...new Map(requests.map((r) => [`${r.method} ${r.path} ${r.body}`, r])).values()];
}

/**
 * Everything that one receiver is sent while an alert opens as a warning, grows, and ends. Delivery is at least once,
 * and a busy machine repeats a request that was answered late: what came twice alike stands once.
 */
export async function story(
  { site, receiver }: WebhookStage,
  preset: string,
  part: Partial<WebhookConfig> = {},
): Promise<{ id: string; sent: Received[] }> {
  const url = `${receiver.url}${PATHS[preset] ?? "/hook"}`;
  const webhook = webhookConfig({ url, preset, options: OPTIONS[preset] ?? {}, secrets: [], ...part });
  await site.replica([webhook], { publicUrl: PUBLIC_URL }).begun();
  const opened = outage({ severity: "warning", region: null, ambiguous: true });
  const updated: AlertEvent = { ...outage({ id: opened.id }), revision: 2, type: "updated" };
  const counts = preset === "opsgenie" ? [1, 5, 6] : [1, 2, 3];
  for (const [i, event] of [opened, updated, { ...updated, revision: 3, ...END }].entries()) {
    await site.publish(event);
    await receiver.until(() => distinct(receiver.received).length >= (counts[i] ?? 0));
  }
  return { id: opened.id, sent: distinct(receiver.received) };
}

export function delivered(part: Partial<AlertEvent> = {}): DeliveredAlert {
  return { ...alertEvent({ id: "bitcoin-region-20220105T1050Z-1", revision: 1, ...part }), cursor: "e~1-1" };
}

export function messageOf(preset: string, alert: DeliveredAlert, options = OPTIONS[preset] ?? {}): HttpMessage {
  const message = findPreset(preset)?.message(alert, {
    history: [alert, { ...alert, revision: alert.revision + 1 }],
    webhook: "desk",
    url: `https://receiver.example${PATHS[preset] ?? "/hook"}`,
    options,
    now: Date.parse("2022-01-05T11:00:00Z"),
    openForMs: 300_000,
    publicUrl: PUBLIC_URL,
  });
  if (message?.kind !== "http") throw new Error(`${preset} is no preset over HTTP`);
  return message;
}
export const bodyOf = <T>(preset: string, alert: DeliveredAlert, options?: Record<string, string>): T =>
  JSON.parse(messageOf(preset, alert, options).body) as T;

export const MARKUP =
  '<b>@everyone</b> [bank](http://evil.example) *x* _y_ `z` ||s|| & {{DATE(2017-02-13T20:46:30Z)}} "q"';
const long = (text: string): string => text.repeat(Math.ceil(9000 / text.length));
/** Longer, stranger and emptier than what any network has. */
export const absurd: readonly DeliveredAlert[] = [
  ...["x", "🟥", "界", MARKUP, "\\", "&"].flatMap((text) => [
    delivered({ cause: { hint: "connectivity", why: long(text) }, network: long(text) }),
    delivered({ scope: "pool", region: null, pool: long(text), revision: 2, type: "updated" }),
    delivered({
      region: null,
      ambiguous: true,
      candidates: Array.from({ length: 60 }, (_, i) => ({ region: `${i}${text}`, probability: 0.5 })),
      evidence: Array.from({ length: 60 }, (_, i) => ({
        pool: `${long(text)}${i}`,
        expected: 1,
        observed: 0,
        score: i,
      })),
    }),
    delivered({ ...END, id: long(text).slice(0, 600) }),
  ]),
  delivered({ id: "i".repeat(2000), revision: 2, type: "updated" }),
  delivered({ scope: "source", region: null, source: null, verdict: "blind", drop: undefined, lost: undefined }),
  delivered({ lost: undefined, drop: undefined, candidates: [], evidence: [] }),
];
