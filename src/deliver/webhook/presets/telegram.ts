/** A message of a Telegram bot: `https://api.telegram.org/botTOKEN/sendMessage`, HTML as in the Bot API's formatting options. */
import { z } from "zod";
import { alertUrl, cut, json, type WebhookPreset } from "./preset.ts";
import { factsOf, footOf, summaryOf, titleOf } from "./summary.ts";

/** `sendMessage` takes 4096 characters after its entities are read; we stay below with room for the title and the link. */
const LONGEST_TEXT = 3000;

export const telegram: WebhookPreset = {
  name: "telegram",
  description: "a message of a Telegram bot, to `https://api.telegram.org/bot${env:TOKEN}/sendMessage`",
  keepsState: false,
  options: {
    chatId: z
      .union([z.int(), z.string().regex(/^(-?\d{1,20}|@\w{1,64})$/, "a number or @channel")])
      .describe("telegram: the chat's number, or @channel"),
  },
  required: ["chatId"],
  message(alert, context) {
    const url = alertUrl(alert, context.publicUrl);
    const facts = factsOf(alert).map(([name, value]) => `${name}: ${value}`);
    const lines = [summaryOf(alert), ...facts, footOf(alert, context)].join("\n");
    const text = [
      `<b>${escapeHtml(cut(titleOf(alert, context), 200))}</b>`,
      escapeHtml(cut(lines, LONGEST_TEXT)),
      ...(url === undefined ? [] : [`<a href="${escapeHtml(url)}">Open this alert</a>`]),
    ].join("\n");
    return json({
      chat_id: chatOf(context.options.chatId ?? ""),
      text,
      parse_mode: "HTML",
      link_preview_options: { is_disabled: true },
      // An end and a mere update ring nobody.
      disable_notification: alert.type !== "opened",
    });
  },
};

/** A chat's number is a number to the Bot API; it has at most 52 bits. */
function chatOf(chatId: string): number | string {
  return chatId.startsWith("@") ? chatId : Number(chatId);
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
