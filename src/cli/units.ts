/** Figures as people read them. */

const PREFIXES = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];

/** `291 EH/s`, three digits. */
export function formatHashrate(hashrate: number): string {
  const step = Math.min(PREFIXES.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(hashrate))) / 3)));
  const scaled = Number((hashrate / 1000 ** step).toPrecision(3));
  // 999.7 rounds up into the next prefix.
  if (scaled >= 1000 && step < PREFIXES.length - 1) return `${scaled / 1000} ${PREFIXES[step + 1]}H/s`;
  return `${scaled} ${PREFIXES[step]}H/s`;
}

/** `38 %`, `2.5 %`, `0.3 %`. */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${percent >= 10 ? Math.round(percent) : Number(percent.toPrecision(2))} %`;
}

/** `45 s`, `12 min`, `3.5 h`, `4 d`. */
export function formatAge(ms: number): string {
  if (ms < 0) return `${formatAge(-ms)} ahead`;
  const seconds = ms / 1000;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Number((seconds / 3600).toFixed(1))} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
