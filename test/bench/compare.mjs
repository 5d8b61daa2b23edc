/** Holds a run of the bench against the committed one: ratios only, since machines differ. */

/** A ratio that is this many times the committed one is worse. */
export const WORSE = 1.5;

/**
 * @typedef {import("./figure.mjs").Figure} Figure
 * @typedef {object} Run
 * @property {Readonly<Record<string, { readonly figures: readonly Figure[] }>>} parts by name
 */

/**
 * Figures of both runs whose ratio got more than `WORSE` times worse, one line each. A part that did not run now is no
 * finding; a figure that a part no longer has is one.
 * @param {Run} committed @param {Run} now @returns {string[]}
 */
export function worseThan(committed, now) {
  return Object.entries(now.parts).flatMap(([part, { figures }]) => {
    const before = committed.parts[part]?.figures ?? [];
    const found = new Map(figures.map((figure) => [figure.name, figure]));
    return before.flatMap(({ name, ratio }) => {
      const fresh = found.get(name);
      if (fresh === undefined) return [`${part}: "${name}" is committed and was not measured`];
      if (ratio === null || fresh.ratio === null || fresh.ratio <= WORSE * ratio) return [];
      const times = (fresh.ratio / ratio).toFixed(1);
      return [
        `${part}: "${name}" is ${fresh.ratio.toFixed(2)} times "${fresh.rival}", committed ${ratio.toFixed(2)}: ${times} times worse`,
      ];
    });
  });
}
