/**
 * What each receiver documents that it takes, as JSON schemas. Written from the documents that are named; a key that a
 * document has and hashfall does not send is left out, so that one that no document has is refused.
 */
import { Ajv } from "ajv";
import addFormats from "ajv-formats";

const text = (maxLength?: number) => ({
  type: "string",
  minLength: 1,
  ...(maxLength === undefined ? {} : { maxLength }),
});
const shape = (properties: object, required: readonly string[], more: object = {}) => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
  ...more,
});
const listOf = (items: object, maxItems: number) => ({ type: "array", items, maxItems });
const link = { type: "string", format: "uri", pattern: "^https?://" };
const time = { type: "string", format: "date-time" };

/** https://core.telegram.org/bots/api#sendmessage */
const telegram = shape(
  {
    chat_id: { anyOf: [{ type: "integer" }, { type: "string", pattern: "^@[A-Za-z0-9_]+$" }] },
    // 4096 characters after the entities are read; the test reads them.
    text: text(),
    parse_mode: { enum: ["HTML", "MarkdownV2", "Markdown"] },
    link_preview_options: shape({ is_disabled: { type: "boolean" } }, []),
    disable_notification: { type: "boolean" },
  },
  ["chat_id", "text"],
);

/** https://discord.com/developers/docs/resources/webhook#execute-webhook, https://discord.com/developers/docs/resources/message#embed-object-embed-limits */
const discord = shape(
  {
    content: text(2000),
    // "discord" and "clyde" may not be in a webhook's name.
    username: { ...text(80), not: { pattern: "[Dd]iscord|[Cc]lyde" } },
    allowed_mentions: shape({ parse: listOf({ enum: ["roles", "users", "everyone"] }, 3) }, ["parse"]),
    embeds: listOf(
      shape(
        {
          title: text(256),
          description: text(4096),
          url: link,
          timestamp: time,
          color: { type: "integer", minimum: 0, maximum: 0xffffff },
          footer: shape({ text: text(2048) }, ["text"]),
          fields: listOf(
            shape({ name: text(256), value: text(1024), inline: { type: "boolean" } }, ["name", "value"]),
            25,
          ),
        },
        [],
      ),
      10,
    ),
  },
  ["embeds", "allowed_mentions"],
);

/**
 * https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using (a message with Adaptive
 * Cards, 28 KB at most) and http://adaptivecards.io/schemas/adaptive-card.json, version 1.4, of the elements that are sent.
 */
const spacing = { enum: ["default", "none", "small", "medium", "large", "extraLarge", "padding", "None", "Medium"] };
const richText = shape(
  {
    type: { const: "RichTextBlock" },
    inlines: listOf(
      shape(
        {
          type: { const: "TextRun" },
          text: text(),
          color: { enum: ["Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"] },
          size: { enum: ["Default", "Small", "Medium", "Large", "ExtraLarge"] },
          weight: { enum: ["Default", "Lighter", "Bolder"] },
          isSubtle: { type: "boolean" },
        },
        ["type", "text"],
      ),
      100,
    ),
    spacing,
  },
  ["type", "inlines"],
);
const card = shape(
  {
    $schema: { const: "http://adaptivecards.io/schemas/adaptive-card.json" },
    type: { const: "AdaptiveCard" },
    version: { enum: ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5"] },
    body: listOf(
      {
        oneOf: [
          richText,
          shape({ type: { const: "Container" }, spacing, items: listOf(richText, 20) }, ["type", "items"]),
        ],
      },
      50,
    ),
    actions: listOf(shape({ type: { const: "Action.OpenUrl" }, title: text(), url: link }, ["type", "url"]), 6),
  },
  ["type", "version", "body"],
);
const teams = shape(
  {
    type: { const: "message" },
    attachments: listOf(
      shape(
        {
          contentType: { const: "application/vnd.microsoft.card.adaptive" },
          contentUrl: { type: "null" },
          content: card,
        },
        ["contentType", "content"],
      ),
      1,
    ),
  },
  ["type", "attachments"],
);

/** https://developer.pagerduty.com/docs/events-api-v2-overview and .../send-alert-event */
const pagerdutyCommon = {
  routing_key: { type: "string", minLength: 32, maxLength: 32 },
  dedup_key: text(255),
};
const pagerduty = {
  oneOf: [
    shape(
      {
        ...pagerdutyCommon,
        event_action: { const: "trigger" },
        client: text(),
        client_url: link,
        payload: shape(
          {
            summary: text(1024),
            source: text(),
            severity: { enum: ["critical", "warning", "error", "info"] },
            timestamp: time,
            component: text(),
            group: text(),
            class: text(),
            custom_details: { type: "object" },
          },
          ["summary", "source", "severity"],
        ),
        links: listOf(shape({ href: link, text: text() }, ["href"]), 10),
      },
      ["routing_key", "event_action", "payload"],
    ),
    shape({ ...pagerdutyCommon, event_action: { enum: ["acknowledge", "resolve"] } }, [
      "routing_key",
      "event_action",
      "dedup_key",
    ]),
  ],
};

/** https://docs.opsgenie.com/docs/alert-api: create, close, and the three updates, by what their body has. */
const opsgenie = {
  oneOf: [
    shape(
      {
        message: text(130),
        alias: text(512),
        description: text(15_000),
        details: { type: "object", additionalProperties: { type: "string" } },
        tags: listOf(text(50), 20),
        entity: text(512),
        source: text(100),
        priority: { enum: ["P1", "P2", "P3", "P4", "P5"] },
      },
      ["message", "alias"],
    ),
    shape({ source: text(100), note: text(25_000) }, ["note"]),
    shape({ message: text(130) }, ["message"]),
    shape({ description: text(15_000) }, ["description"]),
    shape({ priority: { enum: ["P1", "P2", "P3", "P4", "P5"] } }, ["priority"]),
  ],
};

/** https://docs.ntfy.sh/publish/#publish-as-json */
const ntfy = shape(
  {
    topic: { type: "string", pattern: "^[-_A-Za-z0-9]{1,64}$" },
    title: text(),
    message: text(),
    priority: { type: "integer", minimum: 1, maximum: 5 },
    tags: listOf(text(), 20),
    click: link,
  },
  ["topic"],
);

const ajv = addFormats.default(new Ajv({ allErrors: true }));
const SHAPES = { telegram, discord, teams, pagerduty, opsgenie, ntfy };
export type DocumentedPreset = keyof typeof SHAPES;
export const DOCUMENTED = Object.keys(SHAPES) as readonly DocumentedPreset[];
const compiled = Object.fromEntries(DOCUMENTED.map((name) => [name, ajv.compile(SHAPES[name])]));

/** What is wrong with a body by the receiver's document; empty when nothing is. */
export function faultsOf(preset: DocumentedPreset, body: unknown): readonly string[] {
  const validate = compiled[preset];
  if (validate === undefined || validate(body)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
