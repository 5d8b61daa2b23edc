/** `${env:NAME}` and `${file:path}` in texts of the configuration: where secrets and what differs by machine come from. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { KeyPath } from "./document.ts";
import { isSecretPath } from "./show.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Stands for what could not be read: no host has this name (RFC 2606). */
const UNKNOWN = "https://unknown.invalid";

const REFERENCE = /\$\{([^}]*)\}/g;
const WHOLE = /^\$\{(env|file):([^}]+)\}$/;

/**
 * A copy of a value with its references followed. Where a secret is expected (by the key's name), a text that is one
 * reference becomes `{env: NAME}` or `{file: PATH}`, and the secret itself is read only by who needs it.
 *
 * @param report called for a reference that cannot be followed; the text never holds what was read
 */
export function followReferences(
  value: unknown,
  from: { readonly file: string; readonly env: Environment },
  report: (path: KeyPath, text: string) => void,
  path: KeyPath = [],
): unknown {
  if (Array.isArray(value)) return value.map((item, i) => followReferences(item, from, report, [...path, i]));
  if (value !== null && typeof value === "object") {
    const file = secretFile(value, path);
    if (file !== undefined) return { file: resolve(dirname(from.file), file) };
    const copy = Object.entries(value).map(([key, item]) => [
      key,
      followReferences(item, from, report, [...path, key]),
    ]);
    return Object.fromEntries(copy);
  }
  if (typeof value !== "string" || !value.includes("${")) return value;
  const whole = WHOLE.exec(value);
  if (whole !== null && isSecretPath(path)) {
    const [, kind, name = ""] = whole;
    return kind === "env" ? { env: name } : { file: resolve(dirname(from.file), name) };
  }
  return value.replace(REFERENCE, (_, reference: string) => {
    const read = follow(reference, from);
    if ("fault" in read) report(path, read.fault);
    return "text" in read ? read.text : UNKNOWN;
  });
}

/** `{file: PATH}` where a secret is expected: the path is relative to the configuration, as everything in it. */
function secretFile(value: object, path: KeyPath): string | undefined {
  const [entry, ...more] = Object.entries(value);
  if (entry === undefined || more.length > 0 || !isSecretPath(path)) return undefined;
  return entry[0] === "file" && typeof entry[1] === "string" ? entry[1] : undefined;
}

function follow(reference: string, from: { file: string; env: Environment }): { text: string } | { fault: string } {
  const [, kind, name] = /^(env|file):(.+)$/.exec(reference) ?? [];
  if (kind === "env" && name !== undefined) {
    const text = from.env[name];
    return text === undefined || text === "" ? { fault: `the environment variable ${name} is not set` } : { text };
  }
  if (kind === "file" && name !== undefined) {
    try {
      return { text: readFileSync(resolve(dirname(from.file), name), "utf8").trim() };
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
      return { fault: `the file ${name} cannot be read (${code})` };
    }
  }
  return { fault: `"\${${reference.slice(0, 20)}}" is not a reference; allowed: \${env:NAME}, \${file:path}` };
}
