/** A message of a Discord webhook: `https://discord.com/api/webhooks/ID/TOKEN`. Limits as in Discord's reference of embeds. */
import { alertUrl, cut, json, type WebhookPreset } from "./preset.ts";
import { factsOf, footOf, severityColor, summaryOf, titleOf } from "./summary.ts";

const LONGEST = { title: 256, description: 4096, fieldName: 256, fieldValue: 1024, footer: 2048 };

export const discord: WebhookPreset = {
  name: "discord",
  description: "a message of a Discord webhook",
  keepsState: false,
  message(alert, context) {
    const url = alertUrl(alert, context.publicUrl);
    return json({
      username: "hashfall",
      // A pool's name must not call everybody.
      allowed_mentions: { parse: [] },
      embeds: [
        {
          title: cut(titleOf(alert, context), LONGEST.title),
          description: cut(summaryOf(alert), LONGEST.description),
          color: Number.parseInt(severityColor(alert), 16),
          timestamp: alert.at,
          fields: factsOf(alert).map(([name, value]) => ({
            name: cut(name, LONGEST.fieldName),
            value: cut(value, LONGEST.fieldValue),
            inline: true,
          })),
          footer: { text: cut(footOf(alert, context), LONGEST.footer) },
          ...(url === undefined ? {} : { url }),
        },
      ],
    });
  },
};
