/** A message's bytes, written as JSON once for everybody who is sent it. */
export function encodeMessage<M extends { readonly type: string }>(message: M): Buffer {
  return Buffer.from(JSON.stringify(message));
}
