/** Tries a write, and returns what Redis says of it. */
import { script } from "../script.ts";

/**
 * KEYS: a key of its own
 * Returns OK, or the text of the refusal. It is text, not an error, because a client that looks for a new master at every
 * READONLY would send the same write again and again.
 */
export const WRITE_CHECK = script(`
local reply = redis.pcall('SET', KEYS[1], '1', 'PX', 60000)
return reply.ok or reply.err
`);
