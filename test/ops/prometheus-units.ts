/** Figures and colours as Grafana writes and paints them, near enough to judge a panel by. */
import type { DashboardPanel } from "../grafana/queries.ts";

const COLOURS: Readonly<Record<string, string>> = {
  ...{ green: "#73bf69", orange: "#ff9830", red: "#f2495c", blue: "#5794f2", text: "#ccccdc" },
};
const POWERS = ["", "k", "M", "G", "T", "P", "E", "Z"];
const NAMES: Readonly<Record<string, string>> = { Hs: "H/s", bytes: "B", ops: "/s" };
const SPANS = [
  [86_400, "day"],
  [3_600, "hour"],
  [60, "min"],
  [1, "s"],
  [0.001, "ms"],
] as const;

/** A figure with its unit: 1.5 min, 23.1 EH/s, 80.4 %. */
export function withUnit(value: number, unit: string, decimals?: number): string {
  if (!Number.isFinite(value)) return "";
  const short = (figure: number): string =>
    decimals === undefined ? Number(figure.toPrecision(3)).toString() : figure.toFixed(decimals);
  if (unit === "percentunit") return `${short(value * 100)} %`;
  if (unit === "s") {
    const [size, name] = SPANS.find(([length]) => Math.abs(value) >= length) ?? [1, "s"];
    return `${short(value / size)} ${name}`;
  }
  const scaled = unit === "Hs" || unit === "bytes";
  const power = scaled && value !== 0 ? Math.max(0, Math.min(7, Math.floor(Math.log10(Math.abs(value)) / 3))) : 0;
  return `${short(value / 1000 ** power)} ${POWERS[power]}${NAMES[unit] ?? ""}`.trim();
}

type Words = Readonly<Record<string, { readonly text: string; readonly color?: string }>>;
interface Steps {
  readonly steps?: readonly { readonly value: number | null; readonly color: string }[];
}

/** What a value is called where words stand for it, and its colour by words or thresholds. */
export function shownAs(
  value: number,
  looks: {
    readonly unit: string;
    readonly decimals?: number | undefined;
    readonly mappings?: unknown;
    readonly thresholds?: unknown;
  },
): { text: string; colour: string } {
  const word = (looks.mappings as readonly { options: Words }[] | undefined)?.[0]?.options[value];
  const step = (looks.thresholds as Steps | undefined)?.steps?.findLast(
    ({ value: from }) => from === null || value >= from,
  );
  const colour = COLOURS[word?.color ?? step?.color ?? "text"] ?? COLOURS.text ?? "";
  return { text: word?.text ?? withUnit(value, looks.unit, looks.decimals), colour };
}

/** Values at which a line is drawn over the whole panel. */
export function lineValues(panel: DashboardPanel): number[] {
  const { custom, thresholds } = panel.fieldConfig?.defaults ?? {};
  const style = (custom as { thresholdsStyle?: { mode?: string } } | undefined)?.thresholdsStyle?.mode;
  if (style !== "dashed") return [];
  return ((thresholds as Steps | undefined)?.steps ?? []).flatMap(({ value }) => value ?? []);
}
