/** The shape of one webhook in the file. What needs more than one key, and secrets, are looked at in resolve-webhooks.ts. */
import { z } from "zod";
import { SCOPES, SEVERITIES } from "../../model/alert.ts";
import { SecretRef } from "../../sources/secret.ts";
import { DEFAULT_WEBHOOK_PRESET, DEFAULT_WEBHOOK_TIMEOUT } from "./defaults.ts";
import { duration } from "./fields.ts";
import { networkName, regionCode } from "./network.ts";

export const WEBHOOK_PRESETS = ["hashfall", "alertmanager", "alertmanager-webhook", "slack"] as const;
export type WebhookPreset = (typeof WEBHOOK_PRESETS)[number];

/** Names are parts of job ids and metric labels. */
const webhookName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "up to 32 lower-case letters, digits and hyphens, like desk");

const webhook = z.strictObject({
  url: z
    .string()
    .superRefine((url, context) => {
      // The value is not quoted: the address of a chat's webhook is a secret.
      if (!isHttpUrl(url))
        context.addIssue({
          code: "custom",
          message: "a URL",
          params: { said: "not a URL; allowed: https://host/path" },
        });
    })
    .describe(
      "where to POST; https, or http with `allowPrivate`. Where it is a secret, write `${env:NAME}` or `${file:path}`",
    ),
  preset: z
    .enum(WEBHOOK_PRESETS)
    .describe(
      "`hashfall`: the event as on the socket; `alertmanager`: into an Alertmanager's /api/v2/alerts; `alertmanager-webhook`: what Alertmanager sends to its own receivers; `slack`: a message",
    )
    .default(DEFAULT_WEBHOOK_PRESET),
  secret: SecretRef.describe(
    "signs every delivery (Standard Webhooks): `whsec_` and base64; several, with spaces between, while one is exchanged for another",
  ).optional(),
  authorization: SecretRef.describe("the value of an Authorization header, like `Bearer ...`").optional(),
  networks: z.array(networkName).min(1).describe("only alerts of these networks; absent: all").optional(),
  regions: z
    .array(regionCode)
    .min(1)
    .describe("only alerts of these regions, `US` also of `US-*`; an alert that has matched once is told to its end")
    .optional(),
  scopes: z.array(z.enum(SCOPES)).min(1).describe("only alerts of these scopes; absent: all").optional(),
  minSeverity: z.enum(SEVERITIES).describe("only alerts that have been at least this severe; absent: all").optional(),
  allowPrivate: z
    .boolean({ error: "true or false" })
    .describe("whether the URL may lead to a private or loopback address, and be http")
    .default(false),
  timeout: duration({ atLeast: "1s", atMost: "60s" })
    .describe("how long to wait for an answer")
    .default(DEFAULT_WEBHOOK_TIMEOUT),
});

export const webhooks = z
  .record(webhookName, webhook)
  .describe("who is told of alerts by HTTP, by a name of your choice")
  .default({});

export type WebhookFile = z.output<typeof webhook>;

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}
