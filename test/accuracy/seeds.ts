/** Seeds as people write them: `1-8`, `3`, `1,4,7-9`. */

/** @throws `RangeError` for anything else */
export function parseSeeds(text: string): number[] {
  const seeds = text.split(",").flatMap((each) => {
    const match = /^\s*(\d{1,9})(?:-(\d{1,9}))?\s*$/.exec(each);
    const low = Number(match?.[1]);
    const high = Number(match?.[2] ?? match?.[1]);
    if (match === null || high < low || high - low > 9_999) {
      throw new RangeError(`--seeds ${text}: "${each}" is not a seed or a range of seeds like 1-8`);
    }
    return Array.from({ length: high - low + 1 }, (_, k) => low + k);
  });
  return [...new Set(seeds)];
}
