/** Figures, times and names as people read them: what the page alone needs beside `model/format`. */
import { formatHashrate } from "../model/format.ts";

export { formatDuration as duration, formatProbability as probability } from "../model/format.ts";

/** `21 EH/s`; a dash when unknown. */
export function hashrate(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "–" : formatHashrate(value);
}

/** `71 %`; a dash when unknown. */
export function percent(ratio: number | undefined, digits = 0): string {
  if (ratio === undefined || !Number.isFinite(ratio)) return "–";
  return `${(ratio * 100).toFixed(digits)} %`;
}

/** A change against expectation with its sign: `−12 %`. */
export function change(actual: number | undefined, expected: number | undefined): string {
  if (actual === undefined || expected === undefined || expected <= 0) return "–";
  const ratio = actual / expected - 1;
  const text = percent(Math.abs(ratio), Math.abs(ratio) < 0.095 ? 1 : 0);
  return ratio < 0 ? `−${text}` : `+${text}`;
}

/** `0.35 s`, `12 s` */
export function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1000).toFixed(ms < 9950 ? 2 : 0)} s`;
}

/** `11 min 22 s` */
export function interval(seconds: number): string {
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** `10:50`, UTC. */
export function clock(at: string | number): string {
  return new Date(at).toISOString().slice(11, 16);
}

/** `5 Jan 10:50`, UTC. */
export function dayAndClock(at: string | number): string {
  const day = new Date(at).toLocaleDateString("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
  return `${day} ${clock(at)}`;
}

/** `10:50:07 UTC` */
export function clockSeconds(at: string | number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}

/** `16:50 GMT+6`, where the reader is; empty where clocks there show UTC. The day is said when it is another one. */
export function localClock(at: string | number): string {
  const date = new Date(at);
  if (date.getTimezoneOffset() === 0) return "";
  const otherDay = date.getDate() !== date.getUTCDate();
  return new Intl.DateTimeFormat("en-GB", {
    ...(otherDay ? { day: "numeric", month: "short" } : {}),
    ...{ hour: "2-digit", minute: "2-digit", timeZoneName: "short" },
  }).format(date);
}

/** `2022-01-05 10:50:07 UTC` */
export function fullTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

const DECLARED: Readonly<Record<string, string>> = { EU: "Europe", OTHER: "Rest of the world" };
const countryNames = new Intl.DisplayNames(["en"], { type: "region", fallback: "none" });

/** `Kazakhstan`, `United States, TX`; the code itself where it is a name of the configuration's own. */
export function regionName(code: string): string {
  const declared = DECLARED[code];
  if (declared !== undefined) return declared;
  const [country = "", part] = code.split("-");
  const name = /^[A-Z]{2}$/.test(country) ? countryNames.of(country) : undefined;
  if (name === undefined) return code;
  return part === undefined ? name : `${name}, ${part}`;
}
