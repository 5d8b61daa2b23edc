/** "Did you mean": the known name that is nearest to a mistyped one. */

/** A list longer than this is not read. */
const NAMES_SHOWN = 20;

/** Undefined when nothing is near enough to be worth saying. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase(), least);
    if (distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours; stops counting at `enough`. */
function editDistance(a: string, b: string, enough: number): number {
  if (Math.abs(a.length - b.length) >= enough) return enough;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? enough;
}

/** `"KAZ" is not a region here; did you mean KZ?`, or, where nothing is near, what there is: the first 20 names. */
export function unknownName(kind: string, word: string, known: readonly string[]): string {
  const near = nearest(word, known);
  if (near !== undefined) return `"${word}" is not a ${kind} here; did you mean ${near}?`;
  const shown = known.slice(0, NAMES_SHOWN).join(", ");
  const rest = known.length > NAMES_SHOWN ? ` and ${known.length - NAMES_SHOWN} more` : "";
  return `"${word}" is not a ${kind} here; allowed: ${known.length === 0 ? "none" : `${shown}${rest}`}`;
}
