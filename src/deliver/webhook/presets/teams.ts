/**
 * An Adaptive Card for a Microsoft Teams workflow ("When a Teams webhook request is received"). Workflows take a message
 * whose attachments are Adaptive Cards; the older MessageCard of Office connectors is no longer taken everywhere.
 */
import { alertUrl, json, type WebhookPreset } from "./preset.ts";
import { factsOf, footOf, summaryOf, titleOf } from "./summary.ts";

const COLORS = { info: "Accent", warning: "Warning", critical: "Attention" } as const;

export const teams: WebhookPreset = {
  name: "teams",
  description: "an Adaptive Card for a Microsoft Teams workflow's address",
  keepsState: false,
  message(alert, context) {
    const url = alertUrl(alert, context.publicUrl);
    const color = alert.type === "resolved" ? "Good" : COLORS[alert.severity];
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
              textBlock(titleOf(alert, context), { size: "Medium", weight: "Bolder", color }),
              textBlock(summaryOf(alert), {}),
              { type: "FactSet", facts: factsOf(alert).map(([title, value]) => ({ title, value })) },
              textBlock(footOf(alert, context), { size: "Small", isSubtle: true }),
            ],
            actions: url === undefined ? [] : [{ type: "Action.OpenUrl", title: "Open this alert", url }],
          },
        },
      ],
    });
  },
};

function textBlock(text: string, style: object): object {
  return { type: "TextBlock", text, wrap: true, ...style };
}
