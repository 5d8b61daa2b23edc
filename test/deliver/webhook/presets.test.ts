import { SMTPServer } from "smtp-server";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/config/load.ts";
import type { WebhookConfig } from "../../../src/config/resolve/resolved.ts";
import type { HttpMessage } from "../../../src/deliver/webhook/presets/preset.ts";
import { findPreset } from "../../../src/deliver/webhook/presets/registry.ts";
import type { AlertEvent, DeliveredAlert } from "../../../src/model/alert.ts";
import { startTestRedis, type TestRedis } from "../../support/redis.ts";
import { alertEvent } from "../support.ts";
import { DOCUMENTED, type DocumentedPreset, faultsOf } from "./documented-shapes.ts";
import { type Received, Receiver } from "./receiver.ts";
import { eventually, outage, TestSite, webhookConfig } from "./replica.ts";

const PUBLIC_URL = "https://hashfall.example";
const ROUTING_KEY = "0123456789abcdef0123456789abcdef";
const OPTIONS: Readonly<Record<string, Record<string, string>>> = {
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
const END = { type: "resolved", resolution: "recovered", endedAt: "2022-01-06T00:00:00Z" } as const;

let redis: TestRedis;
let receiver: Receiver;
let site: TestSite;
let tags = 0;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.stop());
afterEach(async () => {
  await site?.stop();
  receiver?.close();
});

/** Everything that one receiver is sent while an alert opens as a warning, grows, and ends. */
async function story(preset: string, part: Partial<WebhookConfig> = {}): Promise<{ id: string; sent: Received[] }> {
  receiver = await Receiver.start();
  site = TestSite.on(redis, `p${tags++}`);
  const url = `${receiver.url}${PATHS[preset] ?? "/hook"}`;
  const webhook = webhookConfig({ url, preset, options: OPTIONS[preset] ?? {}, secrets: [], ...part });
  const replica = site.replica([webhook], { publicUrl: PUBLIC_URL });
  await replica.begun();
  const opened = outage({ severity: "warning", region: null, ambiguous: true });
  const updated: AlertEvent = { ...outage({ id: opened.id }), revision: 2, type: "updated" };
  const counts = preset === "opsgenie" ? [1, 5, 6] : [1, 2, 3];
  for (const [i, event] of [opened, updated, { ...updated, revision: 3, ...END }].entries()) {
    await site.publish(event);
    await receiver.until(() => receiver.received.length >= (counts[i] ?? 0));
  }
  return { id: opened.id, sent: receiver.received };
}

describe.each(DOCUMENTED)("%s", (preset) => {
  it("is told the opening, the update and the end in the shape that it documents", async () => {
    const { sent } = await story(preset);
    for (const { body, headers } of sent) {
      expect(headers["content-type"]).toBe("application/json");
      expect(faultsOf(preset, JSON.parse(body)), body).toEqual([]);
    }
  });

  it("is sent nothing that it would refuse, whatever the alert holds", () => {
    for (const alert of absurd) {
      const { body, followUps = [] } = messageOf(preset, alert);
      for (const text of [body, ...followUps.map((one) => one.body)]) {
        expect(faultsOf(preset, JSON.parse(text)), text.slice(0, 200)).toEqual([]);
        // Half of a character is no UTF-8: receivers refuse the whole message.
        expect(text).not.toMatch(/\\ud[89a-f]/i);
        expect(text).not.toMatch(/\p{Cs}/u);
      }
    }
  });
});

function delivered(part: Partial<AlertEvent> = {}): DeliveredAlert {
  return { ...alertEvent({ id: "bitcoin-region-20220105T1050Z-1", revision: 1, ...part }), cursor: "e~1-1" };
}

function messageOf(preset: string, alert: DeliveredAlert, options = OPTIONS[preset] ?? {}): HttpMessage {
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
const bodyOf = <T>(preset: string, alert: DeliveredAlert, options?: Record<string, string>): T =>
  JSON.parse(messageOf(preset, alert, options).body) as T;

const MARKUP = '<b>@everyone</b> [bank](http://evil.example) *x* _y_ `z` ||s|| & {{DATE(2017-02-13T20:46:30Z)}} "q"';
const long = (text: string): string => text.repeat(Math.ceil(9000 / text.length));
/** Longer, stranger and emptier than what any network has. */
const absurd: readonly DeliveredAlert[] = [
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

describe("telegram", () => {
  interface Told {
    readonly chat_id: number | string;
    readonly text: string;
    readonly parse_mode: string;
    readonly disable_notification: boolean;
  }
  /** The text as people see it, after Telegram's HTML: a few tags, and no other `<`, `>` and `&` than in entities. */
  const seen = (text: string): string => {
    const bare = text.replaceAll(/<\/?b>|<a href="[^"<>]*">|<\/a>/g, "");
    expect(bare).not.toMatch(/[<>]/);
    expect(bare.replaceAll(/&(lt|gt|amp|quot);/g, "")).not.toContain("&");
    return bare.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
  };

  it("shows names as they are written, never as markup", () => {
    const { text, parse_mode } = bodyOf<Told>("telegram", delivered({ scope: "pool", region: null, pool: MARKUP }));
    expect(parse_mode).toBe("HTML");
    expect(seen(text)).toContain(`Pool ${MARKUP}: opened, critical`);
    expect(text).not.toContain("<b>@everyone");
  });

  it("has at most 4096 characters once its entities are read", () => {
    for (const alert of absurd) expect(seen(bodyOf<Told>("telegram", alert).text).length).toBeLessThanOrEqual(4096);
  });

  it.each([
    ["-1001234567890", -1001234567890],
    ["@my_channel", "@my_channel"],
  ])("is told the chat %s as the Bot API has it", (chatId, sent) => {
    expect(bodyOf<Told>("telegram", delivered(), { chatId }).chat_id).toBe(sent);
  });

  it("rings for an opening alone", async () => {
    const { sent } = await story("telegram");
    expect(sent.map(({ body }) => (JSON.parse(body) as Told).disable_notification)).toEqual([false, true, true]);
    expect(sent[0]?.path).toBe("/bot123:abc/sendMessage");
  });
});

describe("discord", () => {
  interface Told {
    readonly allowed_mentions: { readonly parse: readonly string[] };
    readonly embeds: readonly {
      readonly title: string;
      readonly description: string;
      readonly url: string;
      readonly color: number;
      readonly footer: { readonly text: string };
      readonly fields: readonly { readonly name: string; readonly value: string }[];
    }[];
  }

  it("calls nobody and links nowhere by a name", () => {
    const told = bodyOf<Told>("discord", delivered({ scope: "pool", region: null, pool: MARKUP }));
    expect(told.allowed_mentions).toEqual({ parse: [] });
    const [embed] = told.embeds;
    expect(embed?.title).toContain("\\<b\\>@everyone\\</b\\> \\[bank\\](http://evil.example) \\*x\\* \\_y\\_");
    for (const text of [embed?.title, embed?.description, ...(embed?.fields ?? []).map(({ value }) => value)])
      expect(text).not.toMatch(/(^|[^\\])[*_~`|<>[\]]/);
    expect(embed?.url).toBe(`${PUBLIC_URL}/#/alerts/bitcoin-region-20220105T1050Z-1`);
  });

  it("has at most 6000 characters in all its texts together", () => {
    for (const alert of absurd) {
      const [embed] = bodyOf<Told>("discord", alert).embeds;
      const texts = [
        embed?.title,
        embed?.description,
        embed?.footer.text,
        ...(embed?.fields ?? []).flatMap(Object.values),
      ];
      const sum = texts.filter((text) => typeof text === "string").reduce((length, text) => length + text.length, 0);
      expect(sum).toBeLessThanOrEqual(6000);
    }
  });
});

describe("teams", () => {
  it("has at most 28 KB, and no text that is read as Markdown", () => {
    for (const alert of absurd) {
      const { body } = messageOf("teams", alert);
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(28 * 1024);
      expect(body).not.toMatch(/"TextBlock"|"FactSet"/);
    }
  });

  it("is coloured by severity, and green at the end", async () => {
    const { sent } = await story("teams");
    const colors = sent.map(({ body }) => /"color":"(\w+)"/.exec(body)?.[1]);
    expect(colors).toEqual(["Warning", "Attention", "Good"]);
  });
});

interface PagerdutyEvent {
  readonly event_action: string;
  readonly dedup_key: string;
  readonly payload?: { readonly severity: string; readonly summary: string };
  readonly links?: readonly { readonly href: string }[];
}

describe("pagerduty", () => {
  it("is told one incident by one key, from its trigger to its resolve", async () => {
    const { id, sent } = await story("pagerduty");
    const events = sent.map(({ body }) => JSON.parse(body) as PagerdutyEvent);
    expect(events.map(({ event_action, payload }) => [event_action, payload?.severity])).toEqual([
      ["trigger", "warning"],
      ["trigger", "critical"],
      ["resolve", undefined],
    ]);
    expect(new Set(events.map(({ dedup_key }) => dedup_key))).toEqual(new Set([`hashfall/${id}`]));
    expect(events[0]?.links?.[0]?.href).toBe(`${PUBLIC_URL}/#/alerts/${id}`);
  });

  it.each(["info", "warning", "critical"] as const)("knows the severity %s", (severity) => {
    expect(bodyOf<PagerdutyEvent>("pagerduty", delivered({ severity })).payload?.severity).toBe(severity);
  });
});

describe.each([
  ["pagerduty", "dedup_key"],
  ["opsgenie", "alias"],
] as const)("%s", (preset, key) => {
  it("is given two keys for two ids that begin alike, however long they are", () => {
    const keys = ["a", "b"].map(
      (end) => bodyOf<Record<string, string>>(preset, delivered({ id: `${"i".repeat(900)}${end}` }))[key],
    );
    expect(keys[0]).not.toBe(keys[1]);
  });
});

describe("opsgenie", () => {
  it("creates by alias, sets what has changed, and closes the same alias", async () => {
    const { id, sent } = await story("opsgenie", { authorization: "GenieKey k" });
    expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /v2/alerts",
      "POST /v2/alerts",
      `PUT /v2/alerts/${id}/message?identifierType=alias`,
      `PUT /v2/alerts/${id}/description?identifierType=alias`,
      `PUT /v2/alerts/${id}/priority?identifierType=alias`,
      `POST /v2/alerts/${id}/close?identifierType=alias`,
    ]);
    const bodies = sent.map(({ body }) => JSON.parse(body) as { alias?: string; priority?: string; message?: string });
    expect(bodies.map(({ alias }) => alias).filter(Boolean)).toEqual([id, id]);
    expect(bodies.map(({ priority }) => priority)).toEqual(["P3", "P1", undefined, undefined, "P1", undefined]);
    expect(bodies[2]?.message).toBe("KZ: updated, critical");
    for (const { headers } of sent) expect(headers.authorization).toBe("GenieKey k");
  });

  it("has at most 8000 characters in its details", () => {
    for (const alert of absurd.filter(({ type }) => type !== "resolved")) {
      const { details } = bodyOf<{ details: Record<string, string> }>("opsgenie", alert);
      expect(Object.entries(details).flat().join("").length).toBeLessThanOrEqual(8000);
    }
  });

  it("is sent the whole again when one of the requests failed", async () => {
    receiver = await Receiver.start();
    site = TestSite.on(redis, `p${tags++}`);
    const webhook = webhookConfig({ url: `${receiver.url}/v2/alerts`, preset: "opsgenie", secrets: [] });
    await site.replica([webhook]).begun();
    receiver.answers = [202, 202, 500];
    await site.publish(outage({ revision: 1 }), { ...outage(), revision: 2, type: "updated" });
    await receiver.until(() => receiver.received.some(({ path }) => path.includes("/priority")));
    expect(receiver.received.filter(({ path }) => path === "/v2/alerts").length).toBeGreaterThanOrEqual(2);
  });
});

describe("ntfy", () => {
  it("publishes JSON to the server of the topic, so that no header needs another encoding", async () => {
    const { id, sent } = await story("ntfy");
    expect(sent.map(({ path }) => path)).toEqual(["/", "/", "/"]);
    const told = sent.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(told.map(({ topic, priority, tags }) => [topic, priority, tags])).toEqual([
      ["my-topic", 4, ["warning"]],
      ["my-topic", 5, ["rotating_light"]],
      ["my-topic", 3, ["white_check_mark"]],
    ]);
    expect(told[0]?.click).toBe(`${PUBLIC_URL}/#/alerts/${id}`);
  });

  it("has at most 4096 bytes in its message: more would become an attachment", () => {
    for (const alert of absurd) {
      const { message } = bodyOf<{ message: string }>("ntfy", alert);
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(4096);
    }
  });
});

describe("template", () => {
  const rendered = (template: string, alert: DeliveredAlert): string => messageOf("template", alert, { template }).body;

  it("quotes any text for JSON", () => {
    const template = '{"title": {{ title | json }}, "message": {{ summary | json }}, "at": {{ alert.at | json }}}';
    for (const alert of absurd) expect(JSON.parse(rendered(template, alert))).toMatchObject({ at: alert.at });
  });

  it("knows the alert, its texts and its place on the page", () => {
    const text =
      "{{ title }}|{{ alert.lost.networkShare }}|{{ url }}|{% if test %}T{% else %}-{% endif %}|{{ alert.pool }}";
    expect(rendered(text, delivered())).toBe(
      `KZ: opened, critical|0.12|${PUBLIC_URL}/#/alerts/bitcoin-region-20220105T1050Z-1|-|`,
    );
  });

  it("runs no code, reads no file and ends", () => {
    expect(rendered("{{ alert.constructor }}{{ alert.__proto__ }}", delivered())).toBe("");
    expect(() => rendered("{% include '/etc/passwd' %}", delivered())).toThrow();
    expect(() => rendered("{% for i in (1..100000000) %}{{ i }}{% endfor %}", delivered())).toThrow(/limit/);
  });
});

/** Told once the mail was taken: who, to whom, and its text. */
async function mailServer(): Promise<{
  port: number;
  mails: { from: string; to: string[]; text: string }[];
  close(): Promise<void>;
}> {
  const mails: { from: string; to: string[]; text: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onAuth: ({ username, password }, _session, done) =>
      username === "ana" && password === "secret" ? done(null, { user: "ana" }) : done(new Error("no such account")),
    onData(stream, { envelope }, done) {
      let text = "";
      stream.on("data", (piece: Buffer) => {
        text += piece.toString();
      });
      stream.on("end", () => {
        const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
        mails.push({ from, to: envelope.rcptTo.map(({ address }) => address), text });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return { port, mails, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

describe("email", () => {
  const options = { from: "Hashfall <hashfall@example.org>", to: "ana@example.org, Ben <ben@example.org>" };

  it("is one thread from the opening to the end, in UTF-8, with one id for each event", async () => {
    const { port, mails, close } = await mailServer();
    receiver = await Receiver.start();
    site = TestSite.on(redis, `p${tags++}`);
    const webhook = webhookConfig({ url: `smtp://127.0.0.1:${port}`, preset: "email", options, secrets: [] });
    await site.replica([webhook], { publicUrl: PUBLIC_URL }).begun();
    const opened = outage({ cause: { hint: "connectivity", why: "IODA: интернет ниже медианы" } });
    for (const event of [opened, { ...opened, revision: 2, ...END }]) {
      await site.publish(event);
      await eventually(
        async () => mails.length,
        (length) => length === event.revision,
      );
    }
    await close();
    expect(mails.map(({ from, to }) => [from, to])).toEqual(
      [1, 2].map(() => ["hashfall@example.org", ["ana@example.org", "ben@example.org"]]),
    );
    const header = (text: string, name: string) => new RegExp(`^${name}: (.*(?:\r\n\\s.*)*)`, "im").exec(text)?.[1];
    expect(mails.map(({ text }) => header(text, "Message-ID"))).toEqual(
      [1, 2].map((n) => `<${opened.id}-${n}@hashfall>`),
    );
    expect(mails.map(({ text }) => header(text, "References"))).toEqual([1, 2].map(() => `<${opened.id}@hashfall>`));
    expect(header(mails[0]?.text ?? "", "Subject")).toBe("[hashfall] KZ: opened, critical");
    expect(header(mails[0]?.text ?? "", "Auto-Submitted")).toBe("auto-generated");
    expect(mails[1]?.text).toContain("resolved");
    for (const line of (mails[0]?.text ?? "").split("\r\n")) expect(line.length).toBeLessThanOrEqual(998);
  });

  it("carries no header that a name brings along", async () => {
    const { port, mails, close } = await mailServer();
    receiver = await Receiver.start();
    site = TestSite.on(redis, `p${tags++}`);
    const secret = { ...options, username: "ana", password: "secret" };
    const webhook = webhookConfig({ url: `smtp://127.0.0.1:${port}`, preset: "email", options: secret, secrets: [] });
    await site.replica([webhook]).begun();
    await site.publish(outage({ scope: "pool", region: null, pool: "x\r\nBcc: eve@evil.example\r\n\r\nbody" }));
    await eventually(
      async () => mails.length,
      (length) => length === 1,
    );
    await close();
    expect(mails[0]?.to).toEqual(["ana@example.org", "ben@example.org"]);
    const [head = ""] = (mails[0]?.text ?? "").split("\r\n\r\n");
    expect(head).toContain("Subject: [hashfall] Pool x");
    expect(head).not.toMatch(/^Bcc:/im);
  });
});

describe("headers", () => {
  it("go along with every request, and never in the place of our own", async () => {
    const headers = { "X-Gotify-Key": "k", "Content-Type": "text/evil", "Webhook-Id": "mine" };
    const { id, sent } = await story("hashfall", { headers });
    expect(sent[0]?.headers).toMatchObject({
      "x-gotify-key": "k",
      "content-type": "application/json",
      "webhook-id": `${id}-1`,
    });
  });

  it("whose secret no header may hold are refused when the configuration is read", () => {
    expect(faultOf({ url: "https://a.example/", headers: { "X-Key": { env: "KEY" } } }, { KEY: "ключ" })).toContain(
      "only printable ASCII is allowed",
    );
  });
});

function faultOf(webhook: object, env: Record<string, string> = {}): string {
  const file = { networks: { bitcoin: { pools: { antpool: { regions: { KZ: 0.2 } } } } }, webhooks: { desk: webhook } };
  try {
    parseConfig(JSON.stringify(file), { file: "test.yaml", env });
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe("what a receiver would refuse", () => {
  const K = { K: "short" };
  it.each<[string, object, string]>([
    [
      "a key that is none of PagerDuty's",
      { preset: "pagerduty", routingKey: { env: "K" } },
      "routingKey: an integration key of PagerDuty has 32 letters and digits",
    ],
    ["a topic that ntfy has not", { preset: "ntfy", url: "https://ntfy.sh/" }, "url: must end in the topic"],
    ["a path for a topic", { preset: "ntfy", url: "https://ntfy.sh/my%20topic" }, "url: must end in the topic"],
    ["a chat's name without @", { preset: "telegram", chatId: "my_channel" }, "chatId"],
    [
      "no address of an e-mail",
      { preset: "email", url: "smtps://mail.example", from: "hashfall", to: "a@b.c" },
      'from: "hashfall" is no e-mail address',
    ],
    [
      "a header in an address",
      { preset: "email", url: "smtps://mail.example", from: "a@b.c", to: "a@b.c\r\nBcc: d@e.f" },
      "to: ",
    ],
    [
      "a filter that Liquid has not",
      { preset: "template", template: "{{ title | jsn }}" },
      "template: the template cannot be read: undefined filter: jsn",
    ],
    [
      "a tag without its end",
      { preset: "template", template: "{% if title %}" },
      "template: the template cannot be read",
    ],
    ["a key of another preset", { preset: "slack", chatId: 5 }, 'belongs to the preset "telegram"'],
    ["an e-mail over HTTP", { preset: "email", from: "a@b.c", to: "a@b.c" }, 'not an address of the preset "email"'],
  ])("is said when the configuration is read: %s", (_what, webhook, said) => {
    expect(faultOf({ url: "https://receiver.example/x", ...webhook }, K)).toContain(said);
  });
});

const every: DocumentedPreset[] = [...DOCUMENTED];
it.each(every)("%s without a public URL is given no link", (preset) => {
  const alert = delivered();
  const message = findPreset(preset)?.message(alert, {
    ...{ history: [alert], webhook: "desk", url: "https://receiver.example/topic", options: OPTIONS[preset] ?? {} },
    ...{ now: 0, openForMs: 300_000 },
  });
  expect(message?.kind === "http" && message.body).not.toContain("/#/alerts/");
  expect(message?.kind === "http" && faultsOf(preset, JSON.parse(message.body))).toEqual([]);
});
