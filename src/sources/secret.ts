/** Secrets come from the environment or from files, never from the configuration's text. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { HashfallError, messageOf } from "../model/errors.ts";

/** Where a secret is: `{env: NAME}` or `{file: PATH}`. */
export const SecretRef = z
  .union([
    z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of an environment variable") }),
    z.strictObject({ file: z.string().min(1) }),
  ])
  .describe("where a secret is: {env: NAME} or {file: PATH}; secrets never stand in the configuration itself");
export type SecretRef = z.infer<typeof SecretRef>;

export type SecretReader = (ref: SecretRef) => string;

/**
 * Reads secrets at start. Throws `HashfallError` `SECRET_MISSING` that names the variable or file, never the value.
 *
 * @param env the process's environment, or a stand-in
 */
export function makeSecretReader(env: Readonly<Record<string, string | undefined>>): SecretReader {
  return (ref) => {
    const value = "env" in ref ? env[ref.env] : readSecretFile(ref.file);
    const trimmed = value?.trim();
    if (!trimmed) {
      const where = "env" in ref ? `environment variable ${ref.env} is not set` : `file ${ref.file} is empty`;
      throw new HashfallError("SECRET_MISSING", `a secret is needed, but ${where}`);
    }
    return trimmed;
  };
}

function readSecretFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new HashfallError("SECRET_MISSING", `a secret is needed, but its file cannot be read: ${messageOf(error)}`);
  }
}
