/** Signing secrets as Standard Webhooks writes them, for what we sign and for what is signed to us. */

/** Standard Webhooks asks for 24 to 64 random bytes. */
const SECRET_BYTES = { least: 24, most: 64 };

/** What is said of a secret that is none; never the secret. */
export const SIGNING_SECRET_FAULT = `not a signing secret; allowed: "whsec_" and base64 of ${SECRET_BYTES.least} to ${SECRET_BYTES.most} bytes`;

/** The secrets of a text, with spaces between: several while one is exchanged for another. */
export function splitSecrets(text: string): readonly string[] {
  return text.split(/\s+/).filter((secret) => secret !== "");
}

/** `whsec_` and base64 of 24 to 64 bytes. */
export function isSigningSecret(text: string): boolean {
  const base64 = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1];
  if (base64 === undefined || base64.length % 4 !== 0) return false;
  const { length } = Buffer.from(base64, "base64");
  return length >= SECRET_BYTES.least && length <= SECRET_BYTES.most;
}
