/** A message for Slack (and for what takes Slack's shape, like Mattermost). */
import type { DeliveredAlert } from "../../../model/alert.ts";
import { alertUrl, cut, json, type PayloadContext, type WebhookPreset } from "./preset.ts";
import { factsOf, lateness, summaryOf, titleOf } from "./summary.ts";

const SIGNS = { info: ":large_blue_circle:", warning: ":large_orange_circle:", critical: ":red_circle:" } as const;
/** Slack refuses longer headers, texts and fields; block kit's reference says 150, 3000 and 2000. */
const LONGEST = { header: 150, text: 3000, field: 2000 };

export const slack: WebhookPreset = {
  name: "slack",
  description: "a message of a Slack or Mattermost webhook",
  keepsState: false,
  message: (alert, context) => json(slackMessage(alert, context)),
};

/** `text` is what notifications show; the blocks say it again, in parts. */
function slackMessage(alert: DeliveredAlert, context: PayloadContext): object {
  const sign = alert.type === "resolved" ? ":white_check_mark:" : SIGNS[alert.severity];
  const header = cut(`${sign} ${titleOf(alert, context)}`, LONGEST.header);
  const fields = factsOf(alert).map(([name, value]) => markdown(`*${name}*\n${escapeMarkup(value)}`, LONGEST.field));
  const summary = `${sign} ${context.isTest ? "TEST, nothing happened: " : ""}${escapeMarkup(summaryOf(alert))}`;
  return {
    text: cut(summary, LONGEST.text),
    blocks: [
      { type: "header", text: { type: "plain_text", text: header, emoji: true } },
      { type: "section", fields },
      { type: "context", elements: [markdown(footOf(alert, context), LONGEST.text)] },
    ],
  };
}

/** Which alert this is, where to look, and that it comes late where it does. */
function footOf(alert: DeliveredAlert, context: PayloadContext): string {
  const { publicUrl } = context;
  const late = lateness(alert, context);
  const url = alertUrl(alert, publicUrl);
  const parts = [
    ...(late === null ? [] : [`*${late}*`]),
    `${escapeMarkup(alert.id)} · revision ${alert.revision} · ${alert.at}`,
    ...(publicUrl === undefined ? [] : [`<${publicUrl}|page>`]),
    ...(url === undefined ? [] : [`<${url}|this alert>`]),
  ];
  return parts.join(" · ");
}

function markdown(text: string, longest: number): object {
  return { type: "mrkdwn", text: cut(text, longest) };
}

/** Names may hold markup, and `<!channel>` would call everybody. */
function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
