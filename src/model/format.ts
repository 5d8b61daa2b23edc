/**
 * Figures as people read them: the same in the terminal, on the page, in webhooks and in logs. Browsers load this file, so
 * it imports nothing that they do not need.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "./time-units.ts";

const PREFIXES = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];

/** `291 EH/s`: three significant digits and a decimal prefix. @param hashrate H/s */
export function formatHashrate(hashrate: number): string {
  const step = Math.min(PREFIXES.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(hashrate))) / 3)));
  const scaled = Number((hashrate / 1000 ** step).toPrecision(3));
  // 999.7 rounds up into the next prefix.
  if (Math.abs(scaled) >= 1000 && step < PREFIXES.length - 1) return `${scaled / 1000} ${PREFIXES[step + 1]}H/s`;
  return `${scaled} ${PREFIXES[step]}H/s`;
}

/** `38 %`, `2.5 %`, `0.3 %`. @param share 0..1 */
export function formatShare(share: number): string {
  const percent = share * 100;
  return `${Math.abs(percent) >= 10 ? Math.round(percent) : Number(percent.toPrecision(2))} %`;
}

/** `97 %`; never sold as certainty or impossibility: `over 99 %`, `under 1 %`. @param probability 0..1 */
export function formatProbability(probability: number): string {
  if (probability > 0.99) return "over 99 %";
  return probability < 0.01 ? "under 1 %" : formatShare(probability);
}

/** `45 s`, `12 min`, `1 h 20 min`, `4 d 3 h`: at most the two largest units; under 90 s in seconds, from ten days in days. */
export function formatDuration(ms: number): string {
  if (ms < 90 * SECOND_MS) return `${Math.round(Math.max(0, ms) / SECOND_MS)} s`;
  const minutes = Math.round(ms / MINUTE_MS);
  if (minutes < 60) return `${minutes} min`;
  if (ms < DAY_MS - MINUTE_MS / 2) return twoUnits(minutes, 60, "h", "min");
  if (ms < 10 * DAY_MS) return twoUnits(Math.round(ms / HOUR_MS), 24, "d", "h");
  return `${Math.round(ms / DAY_MS)} d`;
}

/** How old something is: `12 min old`; `30 s ahead` where its time lies after now by what rounds to a second. */
export function formatAge(ms: number): string {
  return ms < -SECOND_MS / 2 ? `${formatDuration(-ms)} ahead` : `${formatDuration(ms)} old`;
}

function twoUnits(count: number, size: number, large: string, small: string): string {
  const rest = count % size;
  return `${Math.floor(count / size)} ${large}${rest === 0 ? "" : ` ${rest} ${small}`}`;
}
