/** An e-mail over SMTP: `smtps://mail.example.org` (port 465), or `smtp://mail.example.org:587`, which must offer STARTTLS. */
import { z } from "zod";
import { SecretRef } from "../../../sources/secret.ts";
import { alertUrl, cut, type WebhookPreset } from "./preset.ts";
import { factsOf, footOf, summaryOf, titleOf } from "./summary.ts";

/** RFC 5322: a line has at most 998 characters; people see about 70. */
const LONGEST_SUBJECT = 200;

export const email: WebhookPreset = {
  name: "email",
  description: "an e-mail, through `smtps://host` or `smtp://host:587` with STARTTLS",
  keepsState: false,
  protocols: ["smtp:", "smtps:"],
  options: {
    from: z.string().max(320).describe("email: the sender's address"),
    to: z.string().max(2000).describe("email: addresses, with commas between"),
    username: z.string().max(320).describe("email: the name for the mail server"),
    password: SecretRef.describe("email: the password for the mail server"),
  },
  required: ["from", "to"],
  fault({ from = "", to = "" }) {
    if (!isAddressList(from)) return { key: "from", said: `"${from}" is no e-mail address` };
    return isAddressList(to) ? undefined : { key: "to", said: `"${to}" is no list of e-mail addresses` };
  },
  message(alert, context) {
    const { from = "", to = "" } = context.options;
    const url = alertUrl(alert, context.publicUrl);
    const lines = [
      summaryOf(alert),
      "",
      ...factsOf(alert).map(([name, value]) => `${name}: ${value}`),
      "",
      footOf(alert, context),
      ...(url === undefined ? [] : [url]),
    ];
    return {
      kind: "email",
      from,
      to,
      subject: cut(`[hashfall] ${titleOf(alert, context)}`, LONGEST_SUBJECT),
      text: lines.join("\n"),
      thread: alert.id,
    };
  },
};

/** `ana@example.org`, or `Ana <ana@example.org>`, separated by commas. The mail server checks the rest. */
function isAddressList(text: string): boolean {
  return (
    /^[^\p{Cc}]*$/u.test(text) &&
    text.split(",").every((one) => /^([^<>]*<[^\s@<>]+@[^\s@<>]+>|[^\s@<>]+@[^\s@<>]+)$/.test(one.trim()))
  );
}
