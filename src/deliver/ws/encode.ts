/** A message as bytes of JSON, encoded once for all recipients. */
export function encodeMessage<M extends { readonly type: string }>(message: M): Buffer {
  return Buffer.from(JSON.stringify(message));
}
