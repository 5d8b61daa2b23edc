/** Webhooks as delivery is handed them: secrets read, filters gathered, and what would never be sent refused at start. */
import { messageOf } from "../model/errors.ts";
import { isPublicAddress, literalAddress } from "../sources/http/addresses.ts";
import { makeSecretReader, type SecretRef } from "../sources/secret.ts";
import type { KeyPath } from "./document.ts";
import { parseDuration } from "./durations.ts";
import type { Environment } from "./references.ts";
import type { WebhookConfig } from "./resolved.ts";
import type { WebhookFile } from "./webhook-schema.ts";

type Report = (path: KeyPath, text: string) => void;

/** Standard Webhooks asks for 24 to 64 random bytes. */
const SECRET_BYTES = { least: 24, most: 64 };

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
    const secrets = signing.split(/\s+/).filter((secret) => secret !== "");
    if (!secrets.every(isSigningSecret)) report([...at, "secret"], SECRET_FAULT);
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

const SECRET_FAULT = `not a signing secret; allowed: "whsec_" and base64 of ${SECRET_BYTES.least} to ${SECRET_BYTES.most} bytes`;

function isSigningSecret(text: string): boolean {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1];
  if (base64 === undefined || base64.length % 4 !== 0) return false;
  const { length } = Buffer.from(base64, "base64");
  return length >= SECRET_BYTES.least && length <= SECRET_BYTES.most;
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
