import type { ServerMessage } from "./protocol.ts";

/** A message as the bytes of a text frame, written once whoever it goes to. */
export function frameOf(message: ServerMessage): Buffer {
  return Buffer.from(JSON.stringify(message));
}
