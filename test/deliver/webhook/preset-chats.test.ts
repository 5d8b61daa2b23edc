import { describe, expect, it } from "vitest";
import { findPreset } from "../../../src/deliver/webhook/presets/registry.ts";
import { DOCUMENTED, type DocumentedPreset, faultsOf } from "./documented-shapes.ts";
import { absurd, bodyOf, delivered, MARKUP, messageOf, OPTIONS, PUBLIC_URL, story } from "./preset-stage.ts";
import { useWebhookStage, type WebhookStage } from "./stage.ts";

let stage: WebhookStage;
useWebhookStage((next) => {
  stage = next;
});

describe.each(DOCUMENTED)("%s", (preset) => {
  it("is told the opening, the update and the end in the shape that it documents", async () => {
    const { sent } = await story(stage, preset);
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
    const { sent } = await story(stage, "telegram");
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
    const { sent } = await story(stage, "teams");
    const colors = sent.map(({ body }) => /"color":"(\w+)"/.exec(body)?.[1]);
    expect(colors).toEqual(["Warning", "Attention", "Good"]);
  });
});
