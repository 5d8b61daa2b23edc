/** FIN and opcode 1: one whole text message. */
const TEXT = 0x81;

/**
 * A message as the bytes of its whole frame, written once whoever it goes to: a server's frames are not masked, so every
 * client gets the same bytes (RFC 6455, 5.2), and each costs one write of one buffer.
 */
export function frameOf<M extends { readonly type: string }>(message: M): Buffer {
  const payload = Buffer.from(JSON.stringify(message));
  return Buffer.concat([headOf(payload.length), payload]);
}

function headOf(length: number): Buffer {
  if (length < 126) return Buffer.from([TEXT, length]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = TEXT;
  if (length < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(length), 2);
  }
  return head;
}
