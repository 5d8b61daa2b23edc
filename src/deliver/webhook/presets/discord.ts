/**
 * A message of a Discord webhook: `https://discord.com/api/webhooks/ID/TOKEN`. Limits as in Discord's reference of embeds;
 * all texts of a message's embeds have at most 6000 characters together.
 */
import { alertUrl, cut, json, type WebhookPreset } from "./preset.ts";
import { factsOf, footOf, severityColor, summaryOf, titleOf } from "./summary.ts";

/** Discord takes 4096, 1024 and 2048 of the last three; with these, ten fields stay below 6000 together. */
const LONGEST = { title: 256, description: 1500, fieldValue: 350, footer: 500 };

export const discord: WebhookPreset = {
  name: "discord",
  description: "a message of a Discord webhook",
  keepsState: false,
  message(alert, context) {
    const url = alertUrl(alert, context.publicUrl);
    return json({
      username: "hashfall",
      // A pool's name must not mention everybody.
      allowed_mentions: { parse: [] },
      embeds: [
        {
          title: cut(escapeMarkdown(titleOf(alert, context)), LONGEST.title),
          description: cut(escapeMarkdown(summaryOf(alert)), LONGEST.description),
          color: Number.parseInt(severityColor(alert), 16),
          timestamp: alert.at,
          fields: factsOf(alert).map(([name, value]) => ({
            name,
            value: cut(escapeMarkdown(value), LONGEST.fieldValue),
            inline: true,
          })),
          footer: { text: cut(footOf(alert, context), LONGEST.footer) },
          ...(url === undefined ? {} : { url }),
        },
      ],
    });
  },
};

/** A name that holds markup is shown as it is written: no link, no mention, no spoiler. A footer reads no markup. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\*_~`|<>#[\]]/g, String.raw`\$&`);
}
