/** What no configuration file is beyond. */

/** A configuration is written by hand: larger than this, in bytes, it is something else. */
export const MOST_BYTES = 1_048_576;

/** Levels of brackets and braces. A configuration has about six. */
export const MOST_FLOW_LEVELS = 50;
