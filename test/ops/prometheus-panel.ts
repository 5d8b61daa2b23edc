/** One panel as HTML: roughly what Grafana would show of these answers. */
import type { DashboardPanel } from "../grafana/queries.ts";
import type { Series } from "./prometheus-server.ts";

interface Answer {
  readonly legend: string;
  readonly series: readonly Series[];
}

interface Named {
  readonly name: string;
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, number])[];
}

const COLOURS = ["#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#705da0", "#37872d"];
const SEVERITY_COLOURS = ["#37872d", "#5794f2", "#ff9830", "#f2495c"];
const WIDTH = 600;
const HEIGHT = 150;

/** HTML of a panel's inside; null when there is nothing to show. */
export function drawPanel(panel: DashboardPanel, answers: readonly Answer[]): string | null {
  const named = answers.flatMap(({ legend, series }) =>
    series.map(({ metric, values }): Named => {
      const name = legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? "");
      return { name, metric, values: values.filter(([, value]) => Number.isFinite(value)) };
    }),
  );
  const shown = named.filter(({ values }) => values.length > 0);
  if (shown.length === 0) return null;
  const unit = panel.fieldConfig?.defaults.unit ?? "short";
  switch (panel.type) {
    case "stat":
      return drawFigures(panel, shown, unit);
    case "table":
      return drawTable(panel, answers);
    case "state-timeline":
      return drawStates(shown);
    default:
      return drawLines(panel, shown, unit);
  }
}

function drawFigures(panel: DashboardPanel, shown: readonly Named[], unit: string): string {
  const words = panel.fieldConfig?.defaults.mappings?.[0]?.options as Record<string, { text: string }> | undefined;
  const names = (panel.options as { textMode?: string } | undefined)?.textMode === "name";
  const figures = shown.map(({ name, values }) => {
    const value = values.at(-1)![1];
    return `<p class=big>${names ? name : (words?.[value]?.text ?? withUnit(value, unit))} <small>${names ? "" : name}</small></p>`;
  });
  return figures.join("");
}

function drawTable(panel: DashboardPanel, answers: readonly Answer[]): string {
  const rows = new Map<string, { metric: Readonly<Record<string, string>>; cells: string[] }>();
  answers.forEach(({ legend, series }, column) => {
    const override = panel.fieldConfig?.overrides.find(({ matcher }) => matcher.options === legend);
    const property = (id: string): unknown => override?.properties.find((one) => one.id === id)?.value;
    const words = (property("mappings") as [{ options: Record<string, { text: string }> }] | undefined)?.[0].options;
    for (const { metric, values } of series) {
      const key = JSON.stringify(metric);
      const row = rows.get(key) ?? { metric, cells: [] };
      const value = values.at(-1)?.[1] ?? Number.NaN;
      row.cells[column] = words?.[value]?.text ?? withUnit(value, String(property("unit") ?? "short"));
      rows.set(key, row);
    }
  });
  const labels = [...new Set([...rows.values()].flatMap(({ metric }) => Object.keys(metric)))];
  const body = [...rows.values()].map(
    ({ metric, cells }) =>
      `<tr>${labels.map((label) => `<td>${metric[label] ?? ""}</td>`).join("")}${answers.map((_, i) => `<td>${cells[i] ?? ""}</td>`).join("")}</tr>`,
  );
  const head = [...labels, ...answers.map(({ legend }) => legend)].map((name) => `<th>${name}</th>`).join("");
  return `<table><tr>${head}</tr>${body.join("")}</table>`;
}

function drawStates(shown: readonly Named[]): string {
  const [from, to] = timesOf(shown);
  const height = Math.min(22, HEIGHT / shown.length);
  const rows = shown.map(({ name, values }, i) => {
    const step = ((WIDTH - 90) / Math.max(1, to - from)) * 1.05;
    const cells = values.map(([at, value]) => {
      const x = 90 + ((at - from) / Math.max(1, to - from)) * (WIDTH - 90 - step);
      return `<rect x=${x} y=${i * height} width=${step} height=${height - 2} fill="${SEVERITY_COLOURS[value] ?? "#888"}"/>`;
    });
    return `<text x=0 y=${i * height + height * 0.7} fill="#ccc" font-size="9">${name}</text>${cells.join("")}`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${shown.length * height}" preserveAspectRatio="none">${rows.join("")}</svg>`;
}

function drawLines(panel: DashboardPanel, shown: readonly Named[], unit: string): string {
  const custom = panel.fieldConfig?.defaults.custom as { stacking?: { mode?: string } } | undefined;
  const stacked = custom?.stacking?.mode === "normal";
  const below = new Map<number, number>();
  const levels = shown.map(({ name, values }) => ({
    name,
    values: values.map(([at, value]): [number, number] => {
      const level = stacked ? (below.get(at) ?? 0) + value : value;
      below.set(at, level);
      return [at, level];
    }),
  }));
  const [from, to] = timesOf(shown);
  const all = levels.flatMap(({ values }) => values.map(([, value]) => value));
  const low = panel.fieldConfig?.defaults.min ?? Math.min(...all);
  const high = Math.max(...all, panel.fieldConfig?.defaults.max ?? Number.NEGATIVE_INFINITY, low + 1e-9);
  const x = (at: number): string => (60 + ((at - from) / Math.max(1, to - from)) * (WIDTH - 60)).toFixed(1);
  const y = (value: number): string => (HEIGHT - 4 - ((value - low) / (high - low)) * (HEIGHT - 12)).toFixed(1);
  const paths = levels.map(({ name, values }, i) => {
    const dash = /expected$|^interval|^limit$/.test(name) ? 'stroke-dasharray="4 3"' : "";
    // A gap stays a gap, as in Grafana: answers are a second apart.
    const d = values.map(([at, value], k) => `${at - (values[k - 1]?.[0] ?? 0) > 1.5 ? "M" : "L"}${x(at)},${y(value)}`);
    return `<path d="${d.join("")}" fill="none" stroke="${COLOURS[i % COLOURS.length]}" ${dash}/>`;
  });
  const axis = [low, (low + high) / 2, high].map(
    (value) => `<text x=0 y=${Number(y(value)) + 3} fill="#999" font-size="9">${withUnit(value, unit)}</text>`,
  );
  const keys = levels.map(
    ({ name }, i) => `<span class=key style="color:${COLOURS[i % COLOURS.length]}">${name}</span>`,
  );
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" style="height:calc(100% - 60px)">${axis.join("")}${paths.join("")}</svg>${keys.join("")}`;
}

function timesOf(shown: readonly Named[]): readonly [from: number, to: number] {
  const times = shown.flatMap(({ values }) => values.map(([at]) => at));
  return [Math.min(...times), Math.max(...times)];
}

/** A figure as Grafana writes it, near enough. */
function withUnit(value: number, unit: string): string {
  if (!Number.isFinite(value)) return "";
  if (unit === "percentunit") return `${(value * 100).toFixed(1)} %`;
  const steps = ["", "k", "M", "G", "T", "P", "E", "Z"];
  const scaled = unit === "Hs" || unit === "bytes";
  const power = scaled && value !== 0 ? Math.max(0, Math.min(7, Math.floor(Math.log10(Math.abs(value)) / 3))) : 0;
  const text = Number((value / 1000 ** power).toPrecision(3)).toString();
  const names: Readonly<Record<string, string>> = { Hs: "H/s", bytes: "B", s: "s", ops: "/s" };
  return `${text} ${steps[power]}${names[unit] ?? ""}`.trim();
}
