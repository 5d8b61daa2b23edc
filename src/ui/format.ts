/** Figures, times and names as people read them. */

const HASH_UNITS = ["H/s", "kH/s", "MH/s", "GH/s", "TH/s", "PH/s", "EH/s", "ZH/s"];

/** `21.0 EH/s`; a dash when unknown. */
export function hashrate(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  const power = value < 1 ? 0 : Math.min(HASH_UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** power;
  return `${scaled.toFixed(scaled < 10 ? 2 : scaled < 100 ? 1 : 0)} ${HASH_UNITS[power]}`;
}

/** `71 %`; a dash when unknown. */
export function percent(ratio: number | undefined, digits = 0): string {
  if (ratio === undefined || !Number.isFinite(ratio)) return "–";
  return `${(ratio * 100).toFixed(digits)} %`;
}

/** A probability that is never sold as certainty: `over 99 %`. */
export function probability(value: number): string {
  if (value > 0.99) return "over 99 %";
  return value < 0.005 ? "under 1 %" : percent(value, value < 0.0995 ? 1 : 0);
}

/** A change against expectation with its sign: `−12 %`. */
export function change(actual: number | undefined, expected: number | undefined): string {
  if (actual === undefined || expected === undefined || expected <= 0) return "–";
  const ratio = actual / expected - 1;
  const text = percent(Math.abs(ratio), Math.abs(ratio) < 0.095 ? 1 : 0);
  return ratio < 0 ? `−${text}` : `+${text}`;
}

/** `1 h 20 min`, the two largest units. */
export function duration(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
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
