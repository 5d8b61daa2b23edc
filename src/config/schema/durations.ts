/** Durations as people write them: `300s`, `5m`, `1h`, `30d`. */

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** What the configuration accepts; the generated JSON schema shows it to editors. */
export const DURATION_PATTERN = /^(\d{1,9}(?:\.\d{1,3})?)(s|m|h|d)$/;

/** Milliseconds; null for anything that is not a duration. */
export function parseDuration(text: string): number | null {
  const match = DURATION_PATTERN.exec(text);
  return match ? Math.round(Number(match[1]) * (UNITS_MS[match[2] ?? ""] ?? Number.NaN)) : null;
}

/** Milliseconds of a text that the schema has accepted. */
export function milliseconds(text: string): number {
  return parseDuration(text) ?? Number.NaN;
}

/** The shortest exact writing of whole seconds: `5m`, `90s`, `36h`, `30d`. */
export function formatDuration(ms: number): string {
  for (const unit of ["d", "h", "m"]) {
    const size = UNITS_MS[unit] ?? 1;
    // A day is only nicer than hours when it is more than one: `24h` reads better than `1d`.
    if (ms > 0 && ms % size === 0 && (unit !== "d" || ms > size)) return `${ms / size}${unit}`;
  }
  return `${ms / 1000}s`;
}
