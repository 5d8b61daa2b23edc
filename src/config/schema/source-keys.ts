/** Keys of a source that are hashfall's; every other key is an option of the source's type. */
export const COMMON_SOURCE_KEYS = [
  "type",
  "url",
  "pool",
  "pools",
  "region",
  "interval",
  "timeout",
  "allowPrivate",
  "webPage",
] as const;
