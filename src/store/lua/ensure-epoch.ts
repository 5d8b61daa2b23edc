/** The epoch of the alert log, begun when there is none. */
import { script } from "../script.ts";

/**
 * KEYS: log meta
 * ARGV: name of a new epoch
 * Returns the epoch in force.
 */
export const ENSURE_EPOCH = script(`
redis.call('HSETNX', KEYS[1], 'epoch', ARGV[1])
return redis.call('HGET', KEYS[1], 'epoch')
`);
