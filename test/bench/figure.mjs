/** What a bench finds: a figure of hashfall beside a rival of the same run. Less is always better. */
import { single } from "./statistics.mjs";

/**
 * @typedef {import("./statistics.mjs").Measured} Measured
 *
 * @typedef {object} Figure
 * @property {string} name what was measured, unique within its part
 * @property {string} unit
 * @property {Measured} ours
 * @property {string} rival what it is measured against
 * @property {Measured | null} theirs null where the rival is not on this machine
 * @property {number | null} ratio ours over theirs: the result
 * @property {number | null} mark the most that the ratio, or without a rival our own median, should be
 * @property {string} limit what keeps it from being less
 */

/**
 * @param {string} name @param {string} unit
 * @param {{ ours: Measured | number, rival?: string, theirs?: Measured | number | null, mark?: number, limit?: string }} found
 * @returns {Figure}
 */
export function figure(name, unit, { ours, rival = "", theirs = null, mark, limit = "" }) {
  const us = typeof ours === "number" ? single(ours) : ours;
  const them = typeof theirs === "number" ? single(theirs) : theirs;
  return {
    ...{ name, unit, ours: us, rival, theirs: them },
    ratio: them === null ? null : us.median / them.median,
    mark: mark ?? null,
    limit,
  };
}

/**
 * Whether a figure meets its mark; null where it has none, or the rival that the mark is of is not on this machine.
 * @param {Figure} found @returns {boolean | null}
 */
export function meetsMark({ rival, ratio, mark, ours }) {
  if (mark === null || (rival !== "" && ratio === null)) return null;
  return (ratio ?? ours.median) <= mark;
}
