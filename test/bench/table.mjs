/** The bench's table as markdown. */
import { meetsMark } from "./figure.mjs";

/**
 * @typedef {import("./figure.mjs").Figure} Figure
 * @typedef {import("./statistics.mjs").Measured} Measured
 * @typedef {object} Report
 * @property {Readonly<Record<string, string>>} versions
 * @property {number} cores
 * @property {Readonly<Record<string, Part>>} parts by name
 *
 * @typedef {object} Part
 * @property {string} title
 * @property {string} at when it was measured, ISO 8601
 * @property {number} seconds that it took
 * @property {{ readonly before: number, readonly after: number }} load of the machine, mean of a minute
 * @property {readonly Figure[]} figures
 */

const threeDigits = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** Three digits, as people read them. @param {number} value @returns {string} */
export function short(value) {
  return Number.isFinite(value) ? threeDigits.format(value) : "-";
}

/** @param {Measured | null} value @param {string} unit @returns {string} */
function cell(value, unit) {
  if (value === null) return "not on this machine";
  const spread = value.count > 1 && value.low !== value.high ? ` (${short(value.low)} to ${short(value.high)})` : "";
  return `${short(value.median)} ${unit}${spread}`;
}

/** @param {Figure} found @returns {string} */
function line(found) {
  const { name, unit, ours, rival, theirs, ratio, mark, limit } = found;
  const met = meetsMark(found);
  const goal = met === null ? "" : `${short(mark)}${ratio === null ? ` ${unit}` : ""}: ${met ? "met" : "missed"}`;
  const beside = rival === "" ? "" : `${rival}: ${cell(theirs, unit)}`;
  return `| ${name} | ${cell(ours, unit)} | ${beside} | ${ratio === null ? "" : short(ratio)} | ${goal} | ${limit} |`;
}

/**
 * One table a part. Less is better everywhere; in brackets the quartiles.
 * @param {Report} report @returns {string}
 */
export function tableOf({ versions, cores, parts }) {
  const software = Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
  const sections = Object.entries(parts).map(([name, { title, at, seconds, load, figures }]) =>
    [
      `## ${title}`,
      `\`npm run bench -- ${name}\`: ${at.slice(0, 16)}Z, ${Math.round(seconds)} s, load ${short(load.before)} before and ${short(load.after)} after.`,
      "",
      "| figure | hashfall | rival, same run | ratio | mark | what limits it |",
      "|---|---|---|---|---|---|",
      ...figures.map(line),
      "",
    ].join("\n"),
  );
  return [
    "# Speed, side by side",
    "Written by `npm run bench`; the numbers behind it stand in [results.json](results.json). Every figure stands beside a rival that was measured",
    "in the same run, so the **ratio** is the result: times alone say more of the machine and its load. Less is better everywhere;",
    "in brackets the quartiles. `npm run bench:check` fails when a ratio is more than 1.5 times the committed one.",
    "",
    `Measured with ${software} on ${cores} cores.`,
    "",
    ...sections,
  ].join("\n");
}
