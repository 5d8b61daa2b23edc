/** One panel as HTML: roughly what Grafana would show of these answers. */
import type { DashboardPanel } from "../grafana/queries.ts";
import type { Series } from "./prometheus-server.ts";
import { lineValues, shownAs, withUnit } from "./prometheus-units.ts";

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
      return drawStates(panel, shown);
    default:
      return drawLines(panel, shown, unit);
  }
}

function drawFigures(panel: DashboardPanel, shown: readonly Named[], unit: string): string {
  const { decimals, mappings, thresholds } = panel.fieldConfig?.defaults ?? {};
  const { textMode, graphMode } = (panel.options ?? {}) as { textMode?: string; graphMode?: string };
  const names = textMode === "name";
  const figures = shown.map(({ name, values }) => {
    const { text, colour } = shownAs(values.at(-1)![1], { unit, decimals, mappings, thresholds });
    return `<p class=big style="color:${colour}">${names ? name : text} <small>${names ? "" : name}</small></p>`;
  });
  return `${figures.join("")}${graphMode === "area" ? sparkline(shown) : ""}`;
}

function sparkline(shown: readonly Named[]): string {
  const [from, to] = timesOf(shown);
  const all = shown.flatMap(({ values }) => values.map(([, value]) => value));
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const d = (shown[0]?.values ?? []).map(
    ([at, value], i) =>
      `${i === 0 ? "M" : "L"}${((at - from) / Math.max(1, to - from)) * WIDTH},${38 - ((value - low) / (high - low || 1)) * 36}`,
  );
  return `<svg viewBox="0 0 ${WIDTH} 40" preserveAspectRatio="none" style="height:32px"><path d="${d.join("")}" fill="none" stroke="#73bf69"/></svg>`;
}

function drawTable(panel: DashboardPanel, answers: readonly Answer[]): string {
  const { sortBy } = (panel.options ?? {}) as { sortBy?: readonly { displayName: string }[] };
  const sorted = answers.findIndex(({ legend }) => legend === sortBy?.[0]?.displayName);
  const rows = new Map<string, { metric: Readonly<Record<string, string>>; cells: string[]; order: number }>();
  answers.forEach(({ legend, series }, column) => {
    const override = panel.fieldConfig?.overrides.find(({ matcher }) => matcher.options === legend);
    const property = (id: string): unknown => override?.properties.find((one) => one.id === id)?.value;
    const looks = {
      unit: String(property("unit") ?? "short"),
      decimals: property("decimals") as number | undefined,
      mappings: property("mappings"),
      thresholds: property("thresholds"),
    };
    for (const { metric, values } of series) {
      const key = JSON.stringify(Object.entries(metric).sort());
      const row = rows.get(key) ?? { metric, cells: [], order: Number.NEGATIVE_INFINITY };
      const value = values.at(-1)?.[1] ?? Number.NaN;
      const { text, colour } = shownAs(value, looks);
      row.cells[column] = `<td style="color:${colour}">${text}</td>`;
      if (column === sorted) row.order = value;
      rows.set(key, row);
    }
  });
  const inOrder = [...rows.values()].sort((a, b) => b.order - a.order);
  const renamed = panel.transformations?.find(({ id }) => id === "organize")?.options as
    | { renameByName?: Readonly<Record<string, string>> }
    | undefined;
  const labels = [...new Set(inOrder.flatMap(({ metric }) => Object.keys(metric)))];
  const body = inOrder.map(
    ({ metric, cells }) =>
      `<tr>${labels.map((label) => `<td>${metric[label] ?? ""}</td>`).join("")}${answers.map((_, i) => cells[i] ?? "<td></td>").join("")}</tr>`,
  );
  const head = [
    ...labels.map((label) => renamed?.renameByName?.[label] ?? label),
    ...answers.map(({ legend }) => legend),
  ];
  return `<table><tr>${head.map((name) => `<th>${name}</th>`).join("")}</tr>${body.join("")}</table>`;
}

function drawStates(panel: DashboardPanel, shown: readonly Named[]): string {
  const { mappings } = panel.fieldConfig?.defaults ?? {};
  const [from, to] = timesOf(shown);
  const height = Math.min(22, HEIGHT / shown.length);
  const rows = shown.map(({ name, values }, i) => {
    const step = ((WIDTH - 90) / Math.max(1, to - from)) * 1.05;
    const cells = values.map(([at, value]) => {
      const x = 90 + ((at - from) / Math.max(1, to - from)) * (WIDTH - 90 - step);
      const { colour } = shownAs(value, { unit: "short", mappings });
      return `<rect x=${x} y=${i * height} width=${step} height=${height - 2} fill="${colour}"/>`;
    });
    return `<text x=0 y=${i * height + height * 0.7} fill="#ccc" font-size="9">${name}</text>${cells.join("")}`;
  });
  return `<svg viewBox="0 0 ${WIDTH} ${shown.length * height}" preserveAspectRatio="none">${rows.join("")}</svg>`;
}

function drawLines(panel: DashboardPanel, shown: readonly Named[], unit: string): string {
  const custom = panel.fieldConfig?.defaults.custom as { stacking?: { mode?: string }; drawStyle?: string } | undefined;
  const stacked = custom?.stacking?.mode === "normal";
  const bars = custom?.drawStyle === "bars";
  const limits = lineValues(panel);
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
  const low = panel.fieldConfig?.defaults.min ?? Math.min(...all, ...limits);
  const most = panel.fieldConfig?.defaults.max ?? Number.NEGATIVE_INFINITY;
  const high = Math.max(...all, ...limits.filter((limit) => limit <= 2 * Math.max(...all)), most, low + 1e-9);
  const x = (at: number): string => (60 + ((at - from) / Math.max(1, to - from)) * (WIDTH - 60)).toFixed(1);
  const y = (value: number): string => (HEIGHT - 4 - ((value - low) / (high - low)) * (HEIGHT - 12)).toFixed(1);
  const paths = levels.map(({ name, values }, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const dash = /expected$|^interval|^limit/.test(name) ? 'stroke-dasharray="4 3"' : "";
    // A gap stays a gap, as in Grafana: answers are a second apart.
    const d = bars
      ? values.map(([at, value]) => `M${x(at)},${y(low)}L${x(at)},${y(value)}`)
      : values.map(([at, value], k) => `${at - (values[k - 1]?.[0] ?? 0) > 1.5 ? "M" : "L"}${x(at)},${y(value)}`);
    const under = levels[i - 1];
    const fill = stacked
      ? `<path d="M${values.map(([at, value]) => `${x(at)},${y(value)}`).join("L")}L${values
          .toReversed()
          .map(([at]) => `${x(at)},${y(under?.values.find(([other]) => other === at)?.[1] ?? low)}`)
          .join("L")}Z" fill="${colour}" fill-opacity="0.6"/>`
      : "";
    return `${fill}<path d="${d.join("")}" fill="none" stroke="${colour}" stroke-width="${bars ? 3 : 1}" ${dash}/>`;
  });
  const marks = [low, (low + high) / 2, high];
  const axis = marks.map(
    (value) =>
      `<path d="M60,${y(value)}L${WIDTH},${y(value)}" stroke="#2a2d33"/><text x=0 y=${Number(y(value)) + 3} fill="#999" font-size="9">${withUnit(value, unit)}</text>`,
  );
  const clock = (at: number): string => new Date(at * 1000).toISOString().slice(11, 19);
  const times = [0.1, 0.5, 0.9].map(
    (part) =>
      `<text x=${60 + part * (WIDTH - 60)} y=${HEIGHT + 8} fill="#999" font-size="9" text-anchor="middle">${clock(from + part * (to - from))}</text>`,
  );
  const drawnLimits = limits
    .filter((limit) => limit >= low && limit <= high)
    .map((limit) => `<path d="M60,${y(limit)}L${WIDTH},${y(limit)}" stroke="#ff9830" stroke-dasharray="6 4"/>`);
  const keys = levels.map(
    ({ name }, i) => `<span class=key style="color:${COLOURS[i % COLOURS.length]}">${name}</span>`,
  );
  const parts = [...axis, ...times, ...paths, ...drawnLimits];
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT + 12}" preserveAspectRatio="none" style="height:calc(100% - 60px)">${parts.join("")}</svg>${keys.join("")}`;
}

function timesOf(shown: readonly Named[]): readonly [from: number, to: number] {
  const times = shown.flatMap(({ values }) => values.map(([at]) => at));
  return [Math.min(...times), Math.max(...times)];
}
