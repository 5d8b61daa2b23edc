/** The event with its envelope, as the socket and REST show it. The default, for programs. */
import { json, type WebhookPreset } from "./preset.ts";

export const hashfall: WebhookPreset = {
  name: "hashfall",
  description: "the event as on the socket",
  keepsState: false,
  message: (alert, { isTest }) => json(isTest ? { ...alert, test: true } : alert),
};
