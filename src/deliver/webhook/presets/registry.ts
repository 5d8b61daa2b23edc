/** Every preset by name. The configuration's keys and its table are made from this list. */
import { alertmanager } from "./alertmanager.ts";
import { alertmanagerWebhook } from "./alertmanager-webhook.ts";
import { discord } from "./discord.ts";
import { email } from "./email.ts";
import { hashfall } from "./hashfall.ts";
import { ntfy } from "./ntfy.ts";
import { opsgenie } from "./opsgenie.ts";
import { pagerduty } from "./pagerduty.ts";
import type { WebhookPreset } from "./preset.ts";
import { slack } from "./slack.ts";
import { teams } from "./teams.ts";
import { telegram } from "./telegram.ts";
import { template } from "./template.ts";

export const WEBHOOK_PRESETS: readonly WebhookPreset[] = [
  hashfall,
  alertmanager,
  alertmanagerWebhook,
  slack,
  discord,
  teams,
  telegram,
  pagerduty,
  opsgenie,
  ntfy,
  email,
  template,
];

/** Undefined for a name that no preset has. */
export function findPreset(name: string): WebhookPreset | undefined {
  return WEBHOOK_PRESETS.find((preset) => preset.name === name);
}
