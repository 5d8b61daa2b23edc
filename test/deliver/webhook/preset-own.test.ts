import { SMTPServer } from "smtp-server";
import { describe, expect, it } from "vitest";
import { parseConfig } from "../../../src/config/load.ts";
import type { DeliveredAlert } from "../../../src/model/alert.ts";
import { absurd, delivered, END, messageOf, PUBLIC_URL, story } from "./preset-stage.ts";
import { eventually, outage, webhookConfig } from "./replica.ts";
import { useWebhookStage, type WebhookStage } from "./stage.ts";

let stage: WebhookStage;
useWebhookStage((next) => {
  stage = next;
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
    const webhook = webhookConfig({ url: `smtp://127.0.0.1:${port}`, preset: "email", options, secrets: [] });
    await stage.site.replica([webhook], { publicUrl: PUBLIC_URL }).begun();
    const opened = outage({ cause: { hint: "connectivity", why: "IODA: интернет ниже медианы" } });
    for (const event of [opened, { ...opened, revision: 2, ...END }]) {
      await stage.site.publish(event);
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
    const secret = { ...options, username: "ana", password: "secret" };
    const webhook = webhookConfig({ url: `smtp://127.0.0.1:${port}`, preset: "email", options: secret, secrets: [] });
    await stage.site.replica([webhook]).begun();
    await stage.site.publish(outage({ scope: "pool", region: null, pool: "x\r\nBcc: eve@evil.example\r\n\r\nbody" }));
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

describe("headers", () => {
  it("go along with every request, and never in the place of our own", async () => {
    const headers = { "X-Gotify-Key": "k", "Content-Type": "text/evil", "Webhook-Id": "mine" };
    const { id, sent } = await story(stage, "hashfall", { headers });
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
