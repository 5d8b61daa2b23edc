/**
 * An Adaptive Card for a Microsoft Teams workflow ("When a Teams webhook request is received"). Workflows take a message
 * whose attachments are Adaptive Cards; the older MessageCard of Office connectors is no longer taken everywhere.
 *
 * Texts are TextRuns: unlike the text of a TextBlock or a FactSet they are not read as Markdown, so a name cannot become
 * a link. Teams refuses messages over 28 KB.
 */
import { alertUrl, cut, json, type WebhookPreset } from "./preset.ts";
import { factsOf, footOf, summaryOf, titleOf } from "./summary.ts";

const COLORS = { info: "Accent", warning: "Warning", critical: "Attention" } as const;
/** Three bytes a character and ten facts stay below 28 KB. */
const LONGEST = { title: 200, summary: 1500, fact: 400, foot: 500 };

export const teams: WebhookPreset = {
  name: "teams",
  description: "an Adaptive Card for a Microsoft Teams workflow's address",
  keepsState: false,
  message(alert, context) {
    const url = alertUrl(alert, context.publicUrl);
    const color = alert.type === "resolved" ? "Good" : COLORS[alert.severity];
    const facts = factsOf(alert).map(([name, value]) =>
      line(run(`${name}: `, { weight: "Bolder" }), run(cut(value, LONGEST.fact))),
    );
    return json({
      type: "message",
      attachments: [
        {
          contentType: "application/vnd.microsoft.card.adaptive",
          contentUrl: null,
          content: {
            $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
            type: "AdaptiveCard",
            version: "1.4",
            body: [
              line(run(cut(titleOf(alert, context), LONGEST.title), { size: "Medium", weight: "Bolder", color })),
              line(run(cut(summaryOf(alert), LONGEST.summary))),
              { type: "Container", spacing: "Medium", items: facts.map((fact) => ({ ...fact, spacing: "None" })) },
              line(run(cut(footOf(alert, context), LONGEST.foot), { size: "Small", isSubtle: true })),
            ],
            actions: url === undefined ? [] : [{ type: "Action.OpenUrl", title: "Open this alert", url }],
          },
        },
      ],
    });
  },
};

function line(...inlines: readonly object[]): object {
  return { type: "RichTextBlock", inlines };
}

function run(text: string, style: object = {}): object {
  return { type: "TextRun", text, ...style };
}
