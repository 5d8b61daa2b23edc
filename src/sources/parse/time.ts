/** The one parser of upstream times: every pool has its own idea of a moment. */

/** Bitcoin's first block; nothing that a mining API says is older. */
const EARLIEST = Date.UTC(2009, 0, 3);
const LATEST = Date.UTC(2100, 0, 1);

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d+))?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * Milliseconds since 1970, or undefined when the value names no believable moment (missing, 0, "never", year 3000).
 * Numbers and numeric strings are seconds, milliseconds, microseconds or nanoseconds by their size; ISO times without
 * a zone are UTC; "YYYY-MM-DD HH:MM:SS" and nanosecond fractions are read too.
 */
export function parseTime(value: unknown): number | undefined {
  if (typeof value === "number") return believable(fromNumber(value));
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  if (/^\d+(\.\d+)?$/.test(text)) return believable(fromNumber(Number(text)));
  const match = ISO.exec(text);
  if (!match) return undefined;
  const [, date, time = "00:00:00", fraction = "0", zone = "Z"] = match;
  const offset = zone.toUpperCase() === "UTC" ? "Z" : zone.toUpperCase();
  const clock = time.length === 5 ? `${time}:00` : time;
  return believable(Date.parse(`${date}T${clock}.${fraction.padEnd(3, "0").slice(0, 3)}${withColon(offset)}`));
}

/** Seconds stay below 1e11 until the year 5138, milliseconds below 1e14, microseconds below 1e17. */
function fromNumber(value: number): number {
  if (value < 1e11) return value * 1000;
  if (value < 1e14) return value;
  if (value < 1e17) return value / 1000;
  return value / 1e6;
}

function withColon(offset: string): string {
  return /^[+-]\d{4}$/.test(offset) ? `${offset.slice(0, 3)}:${offset.slice(3)}` : offset;
}

function believable(ms: number): number | undefined {
  return Number.isFinite(ms) && ms >= EARLIEST && ms < LATEST ? Math.round(ms) : undefined;
}
