/** A message for Slack (and what takes Slack's shape, like Mattermost and Discord's `/slack`). */
import type { DeliveredAlert } from "../../model/alert.ts";
import { sentence, subjectOf } from "../../model/alert-subject.ts";
import { alertUrl, type PayloadContext } from "./payload-context.ts";
import { dropOf, lostOf, probabilityOf, summaryOf } from "./summary.ts";

const SIGNS = { info: ":large_blue_circle:", warning: ":large_orange_circle:", critical: ":red_circle:" } as const;
/** Slack refuses longer headers, texts and fields; block kit's reference says 150, 3000 and 2000. */
const LONGEST = { header: 150, text: 3000, field: 2000 };
const POOLS_SHOWN = 4;

/** `text` is what notifications show; the blocks say it again, in parts. */
export function slackMessage(alert: DeliveredAlert, context: PayloadContext): object {
  const sign = alert.type === "resolved" ? ":white_check_mark:" : SIGNS[alert.severity];
  const what = alert.type === "resolved" ? "resolved" : `${alert.type}, ${alert.severity}`;
  const header = cut(`${sign} ${sentence(subjectOf(alert))}: ${what}`, LONGEST.header);
  const fields = fieldsOf(alert).map(([name, value]) => markdown(`*${name}*\n${escapeMarkup(value)}`, LONGEST.field));
  const summary = `${sign} ${escapeMarkup(summaryOf(alert))}`;
  return {
    text: cut(summary, LONGEST.text),
    blocks: [
      { type: "header", text: { type: "plain_text", text: header, emoji: true } },
      { type: "section", fields },
      { type: "context", elements: [markdown(footOf(alert, context), LONGEST.text)] },
    ],
  };
}

function fieldsOf(alert: DeliveredAlert): readonly (readonly [string, string])[] {
  const { startedAt, startedAtLow, startedAtHigh, endedAt } = alert;
  const between =
    startedAtLow === undefined || startedAtHigh === undefined ? "" : ` (${startedAtLow} to ${startedAtHigh})`;
  const evidence = [...(alert.evidence ?? [])].sort((a, b) => b.score - a.score).slice(0, POOLS_SHOWN);
  const fields: readonly (readonly [string, string | null | undefined])[] = [
    ["Network", alert.network],
    [alert.scope === "region" ? "Region" : "Subject", sentence(subjectOf(alert))],
    ["Drop", dropOf(alert)],
    ["Lost", lostOf(alert)],
    ["Since", `${startedAt}${between}`],
    ["Probability", probabilityOf(alert)],
    ["Pools", evidence.length === 0 ? null : evidence.map(({ pool }) => pool).join(", ")],
    ["Likely cause", alert.cause?.hint === "unknown" ? null : alert.cause?.why],
    ["Ended", endedAt === undefined ? null : `${endedAt}, ${alert.resolution ?? "resolved"}`],
  ];
  return fields.flatMap(([name, value]) => (typeof value === "string" ? [[name, value] as const] : []));
}

/** Which alert this is, where to look, and that it comes late where it does. */
function footOf(alert: DeliveredAlert, { history, publicUrl }: PayloadContext): string {
  const newest = history.at(-1);
  const isLate = newest !== undefined && newest.revision > alert.revision;
  const url = alertUrl(alert, publicUrl);
  const parts = [
    ...(isLate ? [`*Late: said at ${alert.at}, since then ${newest.type} (revision ${newest.revision})*`] : []),
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

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
