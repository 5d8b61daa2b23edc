/**
 * How far a detector has read a network's samples: every tick up to `tick` as it stood when arrival number `arrival` was
 * the newest. A commit is refused when a row of these ticks came after that.
 */

export interface SampleCursor {
  readonly tick: number;
  readonly arrival: number;
}

export function formatSampleCursor(cursor: SampleCursor): string {
  return `${cursor.tick}-${cursor.arrival}`;
}

/** Reads a cursor; the empty text is the beginning. Throws `RangeError` for anything that is no cursor. */
export function parseSampleCursor(text: string): SampleCursor {
  if (text === "") return { tick: 0, arrival: 0 };
  const match = /^(\d{1,16})-(\d{1,16})$/.exec(text);
  if (!match) throw new RangeError(`"${text}" is no cursor of samples`);
  return { tick: Number(match[1]), arrival: Number(match[2]) };
}
