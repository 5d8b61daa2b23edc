import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { describe, expect, it } from "vitest";
import { findPreset } from "../../../src/deliver/webhook/presets/registry.ts";
import type { AlertEvent, DeliveredAlert } from "../../../src/model/alert.ts";
import { alertEvent } from "../support.ts";

const NOW = Date.parse("2022-01-05T11:00:00Z");
const ID = "bitcoin-region-20220105T1050Z-1";

const event = (part: Partial<AlertEvent> = {}): DeliveredAlert => ({
  ...alertEvent({ id: ID, revision: 1, ...part }),
  cursor: `e~${part.revision ?? 1}-1`,
});
const end = {
  type: "resolved",
  resolution: "recovered",
  endedAt: "2022-01-06T00:00:00Z",
  at: "2022-01-06T00:10:00Z",
} as const;
const context = (history: readonly DeliveredAlert[]) => ({
  history,
  webhook: "desk",
  url: "https://desk.example",
  options: {},
  now: NOW,
  openForMs: 300_000,
  publicUrl: "https://hashfall.example",
});

function payloadOf(preset: string, told: DeliveredAlert, of: ReturnType<typeof context>): string {
  const message = findPreset(preset)?.message(told, of);
  if (message?.kind !== "http") throw new Error(`${preset} is no preset over HTTP`);
  return message.body;
}

/**
 * `postableAlerts` as Alertmanager's published OpenAPI document (api/v2/openapi.yaml) has it: label sets are maps of text,
 * labels are required, no other fields are known.
 */
const labelSet = { type: "object", additionalProperties: { type: "string" } };
const postableAlerts = addFormats.default(new Ajv()).compile({
  type: "array",
  items: {
    type: "object",
    required: ["labels"],
    additionalProperties: false,
    properties: {
      labels: labelSet,
      annotations: labelSet,
      startsAt: { type: "string", format: "date-time" },
      endsAt: { type: "string", format: "date-time" },
      generatorURL: { type: "string", format: "uri" },
    },
  },
});

interface Posted {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
}

function posted(history: readonly DeliveredAlert[], told = history[0]!): readonly Posted[] {
  const alerts = JSON.parse(payloadOf("alertmanager", told, context(history))) as readonly Posted[];
  expect(postableAlerts(alerts), JSON.stringify(postableAlerts.errors)).toBe(true);
  for (const { labels, startsAt, endsAt } of alerts) {
    for (const name of Object.keys(labels)) expect(name).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
    expect(Date.parse(endsAt)).toBeGreaterThanOrEqual(Date.parse(startsAt));
  }
  return alerts;
}

describe("alertmanager", () => {
  it("is given an open alert with an end a few minutes ahead, and labels to route by", () => {
    const [alert, ...others] = posted([event()]);
    expect(others).toEqual([]);
    expect(alert?.labels).toEqual({
      alertname: "HashfallAlert",
      alert_id: ID,
      network: "bitcoin",
      scope: "region",
      severity: "critical",
      region: "KZ",
    });
    expect(alert?.startsAt).toBe("2022-01-05T10:32:00Z");
    expect(alert?.endsAt).toBe("2022-01-05T11:05:00Z");
    expect(alert?.annotations.summary).toContain(
      "KZ lost 71 % (50 % to 95 %) of its hash rate since 2022-01-05T10:32:00Z",
    );
    expect(alert?.annotations.probability).toBe("KZ 97 %, RU 2 %");
    expect(alert?.generatorURL).toBe(`https://hashfall.example/#/alerts/${ID}`);
  });

  it("is told that what it knew under other labels has ended", () => {
    const history = [
      event({ region: null, ambiguous: true, severity: "warning" }),
      event({ revision: 2, type: "updated", severity: "warning", at: "2022-01-05T10:55:00Z" }),
      event({ revision: 3, type: "updated", at: "2022-01-05T11:00:00Z" }),
    ];
    const alerts = posted(history);
    expect(alerts.map(({ labels, endsAt }) => [labels.region, labels.severity, endsAt])).toEqual([
      [undefined, "warning", "2022-01-05T10:55:00Z"],
      ["KZ", "warning", "2022-01-05T11:00:00Z"],
      ["KZ", "critical", "2022-01-05T11:05:00Z"],
    ]);
  });

  it("is told the end whichever event a delivery is for, so that a late one opens nothing again", () => {
    const history = [event(), event({ revision: 2, ...end })];
    for (const told of history) expect(posted(history, told).map(({ endsAt }) => endsAt)).toEqual([end.endedAt]);
  });
});

describe("alertmanager-webhook", () => {
  it("is what Alertmanager sends to its receivers", () => {
    const opened = JSON.parse(payloadOf("alertmanager-webhook", event(), context([event()]))) as { alerts: object[] };
    expect(opened).toMatchObject({ version: "4", status: "firing", receiver: "desk", groupLabels: { alert_id: ID } });
    expect(opened.alerts).toMatchObject([
      { status: "firing", startsAt: "2022-01-05T10:32:00Z", endsAt: "0001-01-01T00:00:00Z" },
    ]);
    const over = event({ revision: 2, ...end });
    const resolved = JSON.parse(payloadOf("alertmanager-webhook", over, context([event(), over]))) as typeof opened;
    expect(resolved).toMatchObject({ status: "resolved", alerts: [{ status: "resolved", endsAt: end.endedAt }] });
  });
});

interface Message {
  readonly text: string;
  readonly blocks: readonly {
    readonly type: string;
    readonly text?: { readonly text: string };
    readonly fields?: readonly { readonly type: string; readonly text: string }[];
    readonly elements?: readonly { readonly text: string }[];
  }[];
}
const message = (told: DeliveredAlert, history = [told]): Message =>
  JSON.parse(payloadOf("slack", told, context(history))) as Message;

describe("slack", () => {
  it("says region, drop, since, lost, probability and where to look", () => {
    const { text, blocks } = message(event());
    expect(text).toContain("KZ lost 71 % (50 % to 95 %)");
    expect(blocks.map(({ type }) => type)).toEqual(["header", "section", "context"]);
    expect(blocks[0]?.text?.text).toBe(":red_circle: KZ: opened, critical");
    expect(blocks[1]?.fields?.map((field) => field.text)).toEqual([
      "*Network*\nbitcoin",
      "*Region*\nKZ",
      "*Drop*\n71 % (50 % to 95 %)",
      "*Lost*\n21 EH/s, 12 % of bitcoin",
      "*Since*\n2022-01-05T10:32:00Z",
      "*Probability*\nKZ 97 %, RU 2 %",
      "*Pools*\nantpool",
    ]);
    expect(blocks[2]?.elements?.[0]?.text).toContain(`<https://hashfall.example/#/alerts/${ID}|this alert>`);
  });

  it.each([
    [
      "candidates",
      {
        region: null,
        ambiguous: true,
        severity: "info",
        candidates: [
          { region: "KZ", probability: 0.5 },
          { region: "RU", probability: 0.4 },
          { region: "US", probability: 0.05 },
        ],
      },
      ":large_blue_circle: KZ or RU lost 71 % (50 % to 95 %) of its hash rate since 2022-01-05T10:32:00Z: 21 EH/s, 12 % of bitcoin",
    ],
    [
      "a pool whose name is markup",
      { scope: "pool", region: null, pool: "<!channel>", severity: "warning", lost: undefined },
      ":large_orange_circle: Pool &lt;!channel&gt; lost 71 % (50 % to 95 %) of its hash rate since 2022-01-05T10:32:00Z",
    ],
    [
      "a blind network",
      { scope: "source", region: null, source: null, verdict: "blind", drop: undefined, lost: undefined },
      ":red_circle: Network bitcoin is blind since 2022-01-05T10:32:00Z",
    ],
    ["an end", { ...end, resolution: "new-regime" }, ":white_check_mark: KZ: new-regime, ended 2022-01-06T00:00:00Z"],
  ] as [string, Partial<AlertEvent>, string][])("tells of %s", (_name, part, text) => {
    expect(message(event(part)).text).toBe(text);
  });

  it("says that it is late when the alert has moved on", () => {
    const over = event({ revision: 2, ...end });
    expect(JSON.stringify(message(event(), [event(), over]))).toContain("since then resolved (revision 2)");
    expect(JSON.stringify(message(over, [event(), over]))).not.toContain("Late");
  });

  it("stays within what Slack takes", () => {
    const candidates = Array.from({ length: 60 }, (_, i) => ({ region: `R${i}ABCDEFGHIJK`, probability: 0.5 }));
    const cause = { hint: "connectivity" as const, why: "x".repeat(9_000) };
    const { text, blocks } = message(event({ region: null, ambiguous: true, candidates, cause }));
    expect(text.length).toBeLessThanOrEqual(3000);
    expect(blocks[0]?.text?.text.length).toBeLessThanOrEqual(150);
    expect(blocks[1]?.fields?.length).toBeLessThanOrEqual(10);
    for (const field of blocks[1]?.fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2000);
  });
});
