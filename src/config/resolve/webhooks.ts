/** Webhooks as delivery is handed them: secrets read, filters gathered, and what would never be sent refused at start. */

import type { WebhookPreset } from "../../deliver/webhook/presets/preset.ts";
import { findPreset, WEBHOOK_PRESETS } from "../../deliver/webhook/presets/registry.ts";
import { isPublicAddress, literalAddress } from "../../sources/http/addresses.ts";
import type { SecretRef } from "../../sources/secret.ts";
import type { KeyPath } from "../reading/document.ts";
import { milliseconds } from "../schema/durations.ts";
import type { WebhookFile } from "../schema/webhook.ts";
import type { WebhookConfig } from "./resolved.ts";
import type { SecretAt } from "./secrets.ts";
import { isSigningSecret, SIGNING_SECRET_FAULT, splitSecrets } from "./signing-secret.ts";

type Report = (path: KeyPath, text: string) => void;

/** @param networks names that filters may use */
export function resolveWebhooks(
  webhooks: Readonly<Record<string, WebhookFile>>,
  networks: readonly string[],
  secretAt: SecretAt,
  report: Report,
): readonly WebhookConfig[] {
  return Object.entries(webhooks).map(([name, file]) => {
    const at: KeyPath = ["webhooks", name];
    // What is not set here cannot be judged here.
    let isUnset = false;
    const secretOf = (key: string, ref: SecretRef): string => {
      const secret = secretAt([...at, key], ref);
      isUnset ||= secret === undefined;
      return secret ?? "";
    };
    const preset = findPreset(file.preset);
    refuseWhereNothingIsSent(file, preset, [...at, "url"], report);
    const hidden: string[] = [];
    const textOf = (key: string, value: unknown): string => {
      if (typeof value !== "object" || value === null) return String(value);
      const secret = secretOf(key, value as SecretRef);
      hidden.push(secret);
      if (key === "headers" && !/^[\x20-\x7e]*$/.test(secret))
        report([...at, key], "the secret of a header holds what no header may: only printable ASCII is allowed");
      return secret;
    };
    const headers = Object.fromEntries(
      Object.entries(file.headers).map(([header, value]) => [header, textOf("headers", value)]),
    );
    const options = optionsOf(file, preset, { at, textOf, report, isJudged: () => !isUnset });
    for (const network of file.networks ?? [])
      if (!networks.includes(network))
        report([...at, "networks"], `"${network}" is not configured; allowed: ${networks.join(", ")}`);
    const signing = file.secret === undefined ? "" : secretOf("secret", file.secret);
    const secrets = splitSecrets(signing);
    if (!secrets.every(isSigningSecret)) report([...at, "secret"], SIGNING_SECRET_FAULT);
    const { networks: only, regions, scopes, minSeverity } = file;
    return {
      name,
      url: file.url,
      preset: file.preset,
      options,
      headers,
      hidden,
      secrets,
      ...(file.authorization === undefined ? {} : { authorization: secretOf("authorization", file.authorization) }),
      filter: {
        ...(only === undefined ? {} : { networks: only }),
        ...(regions === undefined ? {} : { regions }),
        ...(scopes === undefined ? {} : { scopes }),
        ...(minSeverity === undefined ? {} : { minSeverity }),
      },
      allowPrivate: file.allowPrivate,
      timeoutMs: milliseconds(file.timeout),
      resendIntervalMs: milliseconds(file.resendInterval),
    };
  });
}

/** Keys of the preset alone, as text. A key of another preset, and one that is missing, are faults. */
function optionsOf(
  file: WebhookFile,
  preset: WebhookPreset | undefined,
  deps: {
    readonly at: KeyPath;
    readonly textOf: (key: string, value: unknown) => string;
    readonly report: Report;
    /** Asked once the options were read: false when a secret is not set here. */
    readonly isJudged: () => boolean;
  },
): Readonly<Record<string, string>> {
  const { at, textOf, report, isJudged } = deps;
  const options: Record<string, string> = {};
  for (const { name, options: keys = {} } of WEBHOOK_PRESETS)
    for (const key of Object.keys(keys)) {
      const value = (file as Readonly<Record<string, unknown>>)[key];
      if (value === undefined) continue;
      if (name === file.preset) options[key] = textOf(key, value);
      else report([...at, key], `belongs to the preset "${name}"; this webhook has the preset "${file.preset}"`);
    }
  const missing = (preset?.required ?? []).filter((key) => options[key] === undefined);
  for (const key of missing) report([...at, key], `missing; the preset "${file.preset}" needs it`);
  const fault = missing.length === 0 && isJudged() ? preset?.fault?.(options, file.url) : undefined;
  if (fault !== undefined) report([...at, fault.key], fault.said);
  return options;
}

/** What a delivery would refuse is better said before the first alert. */
function refuseWhereNothingIsSent(
  { url, allowPrivate }: WebhookFile,
  preset: WebhookPreset | undefined,
  path: KeyPath,
  report: Report,
): void {
  const { protocol, hostname, username, password } = new URL(url);
  const own = preset?.protocols;
  if (username !== "" || password !== "")
    report(path, `credentials do not belong into a URL; use ${own ? "`username` and `password`" : "`authorization`"}`);
  const isHttp = protocol === "https:" || protocol === "http:";
  if (own ? !own.includes(protocol) : !isHttp)
    report(
      path,
      `not an address of the preset "${preset?.name}"; allowed: ${(own ?? ["https:"]).map((p) => `${p}//host`).join(", ")}`,
    );
  if (allowPrivate) return;
  if (own === undefined && protocol === "http:")
    report(path, "must be https; `allowPrivate: true` allows http inside of your own network");
  const literal = literalAddress(hostname);
  if (literal !== null && !isPublicAddress(literal))
    report(path, `${literal} is a private address; \`allowPrivate: true\` allows it`);
}
