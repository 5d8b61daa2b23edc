/** Medians and spreads of measured times. */

/**
 * @typedef {object} Measured
 * @property {number} median
 * @property {number} low lower quartile
 * @property {number} high upper quartile
 * @property {number} count how many were measured
 */

/**
 * The value up to which at least that part (0..1) of the values lies.
 * @param {readonly number[]} values @param {number} part
 * @returns {number} NaN without values
 */
export function quantile(values, part) {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

/**
 * Median and quartiles.
 * @param {readonly number[]} values @returns {Measured}
 */
export function measured(values) {
  return {
    median: quantile(values, 0.5),
    low: quantile(values, 0.25),
    high: quantile(values, 0.75),
    count: values.length,
  };
}

/**
 * One value that is itself a high quantile, for figures like "p99".
 * @param {readonly number[]} values @param {number} part @returns {Measured}
 */
export function measuredAt(values, part) {
  const value = quantile(values, part);
  return { median: value, low: value, high: value, count: values.length };
}

/**
 * One value without a spread.
 * @param {number} value @returns {Measured}
 */
export function single(value) {
  return { median: value, low: value, high: value, count: 1 };
}

/**
 * Runs several pieces of work in turn, so that whatever else the machine does meets all of them alike.
 * @template {string} Name
 * @param {Readonly<Record<Name, () => unknown>>} work by name @param {number} rounds
 * @returns {Promise<Record<Name, number[]>>} milliseconds of each round
 */
export async function inTurn(work, rounds) {
  const names = /** @type {Name[]} */ (Object.keys(work));
  const times = /** @type {Record<Name, number[]>} */ (Object.fromEntries(names.map((name) => [name, []])));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const began = performance.now();
      await work[name]();
      times[name].push(performance.now() - began);
    }
  }
  return times;
}
