/** The shape of one webhook in the file. What needs more than one key, and secrets, are looked at in resolve/webhooks.ts. */
import { z } from "zod";
import { WEBHOOK_PRESETS } from "../../deliver/webhook/presets/registry.ts";
import { SCOPES, SEVERITIES } from "../../model/alert.ts";
import { SecretRef } from "../../sources/secret.ts";
import { DEFAULT_RESEND_INTERVAL, DEFAULT_WEBHOOK_PRESET, DEFAULT_WEBHOOK_TIMEOUT } from "./defaults.ts";
import { duration } from "./fields.ts";
import { networkName, regionCode } from "./network.ts";

/** Keys of one preset alone. Each is optional here: which one needs which is said by the registry, and checked when resolved. */
const presetKeys = Object.fromEntries(
  WEBHOOK_PRESETS.flatMap(({ options = {} }) => Object.entries(options).map(([key, type]) => [key, type.optional()])),
);

const PROTOCOLS = new Set(["http:", "https:", ...WEBHOOK_PRESETS.flatMap(({ protocols = [] }) => protocols)]);

/** Names are parts of job ids and metric labels. */
const webhookName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, "up to 32 lower-case letters, digits and hyphens, like desk");

const common = z.strictObject({
  url: z
    .string()
    .superRefine((url, context) => {
      // The value is not quoted: the address of a chat's webhook is a secret.
      if (!isAddress(url))
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
    .enum(WEBHOOK_PRESETS.map(({ name }) => name))
    .describe(WEBHOOK_PRESETS.map(({ name, description }) => `\`${name}\`: ${description}`).join("; "))
    .default(DEFAULT_WEBHOOK_PRESET),
  secret: SecretRef.describe(
    "signs every delivery (Standard Webhooks): `whsec_` and base64; several, with spaces between, while one is exchanged for another",
  ).optional(),
  authorization: SecretRef.describe("the value of an Authorization header, like `Bearer ...`").optional(),
  headers: z
    .record(
      z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, "the name of a header"),
      z.union([z.string().regex(/^[\x20-\x7e]{1,2000}$/, "printable ASCII"), SecretRef]),
    )
    .describe("headers besides our own; a value that is a secret is `{env: NAME}` or `{file: path}`")
    .default({}),
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
  resendInterval: duration({ atLeast: "10s", atMost: "1h" })
    .describe(
      "alertmanager: how often open alerts are sent again; the receiver ends one after five intervals without it, and not before five minutes",
    )
    .default(DEFAULT_RESEND_INTERVAL),
});
const webhook = common.extend(presetKeys as Record<never, z.ZodType>);

export const webhooks = z
  .record(webhookName, webhook)
  .describe("who is told of alerts by HTTP, by a name of your choice")
  .default({});

/** Without the keys of presets, which are read by name. */
export type WebhookFile = z.output<typeof common>;

function isAddress(text: string): boolean {
  return URL.canParse(text) && PROTOCOLS.has(new URL(text).protocol);
}
