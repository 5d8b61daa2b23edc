/** Webhooks as delivery is handed them: secrets read, filters gathered, and what would never be sent refused at start. */
import { messageOf } from "../../model/errors.ts";
import { isPublicAddress, literalAddress } from "../../sources/http/addresses.ts";
import { makeSecretReader, type SecretRef } from "../../sources/secret.ts";
import type { KeyPath } from "../reading/document.ts";
import type { Environment } from "../reading/references.ts";
import { parseDuration } from "../schema/durations.ts";
import type { WebhookFile } from "../schema/webhook.ts";
import type { WebhookConfig } from "./resolved.ts";
import { isSigningSecret, SIGNING_SECRET_FAULT, splitSecrets } from "./signing-secret.ts";

type Report = (path: KeyPath, text: string) => void;

/** @param networks names that filters may use */
export function resolveWebhooks(
  webhooks: Readonly<Record<string, WebhookFile>>,
  networks: readonly string[],
  env: Environment,
  report: Report,
): readonly WebhookConfig[] {
  const read = makeSecretReader(env);
  return Object.entries(webhooks).map(([name, file]) => {
    const at: KeyPath = ["webhooks", name];
    const secretOf = (key: "secret" | "authorization", ref: SecretRef): string => {
      try {
        return read(ref);
      } catch (error) {
        report([...at, key], messageOf(error));
        return "";
      }
    };
    refuseWhereNothingIsSent(file, [...at, "url"], report);
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
      secrets,
      ...(file.authorization === undefined ? {} : { authorization: secretOf("authorization", file.authorization) }),
      filter: {
        ...(only === undefined ? {} : { networks: only }),
        ...(regions === undefined ? {} : { regions }),
        ...(scopes === undefined ? {} : { scopes }),
        ...(minSeverity === undefined ? {} : { minSeverity }),
      },
      allowPrivate: file.allowPrivate,
      timeoutMs: parseDuration(file.timeout) ?? Number.NaN,
    };
  });
}

/** What a delivery would refuse is better said before the first alert. */
function refuseWhereNothingIsSent({ url, allowPrivate }: WebhookFile, path: KeyPath, report: Report): void {
  const { protocol, hostname, username, password } = new URL(url);
  if (username !== "" || password !== "") report(path, "credentials do not belong into a URL; use `authorization`");
  if (allowPrivate) return;
  if (protocol !== "https:") report(path, "must be https; `allowPrivate: true` allows http inside of your own network");
  const literal = literalAddress(hostname);
  if (literal !== null && !isPublicAddress(literal))
    report(path, `${literal} is a private address; \`allowPrivate: true\` allows it`);
}
