/** Secrets of the sections that only a running service uses (tokens, senders, webhooks), each at its place in the file. */
import { messageOf } from "../../model/errors.ts";
import { makeSecretReader, type SecretRef } from "../../sources/secret.ts";
import type { KeyPath } from "../reading/document.ts";
import type { Environment } from "../reading/references.ts";

/** The secret; undefined when it is not set here, which has then been told. */
export type SecretAt = (path: KeyPath, ref: SecretRef) => string | undefined;

/** @param onMissing told of a secret that is not set here: a fault for a service, a remark for a check */
export function makeSecretAt(env: Environment, onMissing: (path: KeyPath, text: string) => void): SecretAt {
  const read = makeSecretReader(env);
  return (path, ref) => {
    try {
      return read(ref);
    } catch (error) {
      onMissing(path, messageOf(error));
      return undefined;
    }
  };
}
