/** What all dashboards are built from: one look, one way to name units, and a description on every panel. */
import {
  type GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as TimeseriesPanel } from "@grafana/grafana-foundation-sdk/timeseries";

/** Chosen by the reader; provisioned or picked at import. */
export const DATASOURCE = { type: "prometheus", uid: "${datasource}" };

/** Grafana's ids of units. */
export const UNIT = {
  hashrate: "Hs",
  ratio: "percentunit",
  seconds: "s",
  /** A rate of rows, of messages, of HTTP answers, and of anything else that is counted. */
  rowsPerSecond: "rowsps",
  messagesPerSecond: "mps",
  answersPerSecond: "reqps",
  countsPerSecond: "cps",
  time: "dateTimeAsIso",
  bytes: "bytes",
  count: "short",
  deviations: "none",
} as const;

export interface Asked {
  readonly expr: string;
  /** What a series is called, like `{{region}}`. */
  readonly legend: string;
}

export interface PanelText {
  readonly title: string;
  /** What the panel says, and what a reader should do about it. */
  readonly description: string;
  /** Of 24 columns. */
  readonly width: number;
  readonly height?: number;
}

export interface TimeseriesOptions extends PanelText {
  readonly unit: string;
  readonly asked: readonly Asked[];
  readonly min?: number;
  readonly max?: number;
  readonly stacked?: boolean;
  readonly draw?: GraphDrawStyle;
  /** Series (by a pattern of their names) that say what was expected: dashed. */
  readonly dashed?: string;
  readonly decimals?: number;
  /** Values at which a line is drawn over the whole width. */
  readonly line?: number;
  readonly repeat?: string;
}

const REF_IDS = ["A", "B", "C", "D", "E", "F"] as const;

/**
 * Window of counters that move once a tick. A tick divides an hour, so that each window of an hour holds one; Grafana's
 * `$__rate_interval` is shorter than a tick, and would draw a peak at every tick and nothing between them.
 */
export const TICK_WINDOW = "1h";
/** Said where a figure is not known: missing is never zero. */
export const UNKNOWN = "not known";

export const PANEL_HEIGHT = 8;

/** Queries over the whole time range. */
export function rangeQueries(asked: readonly Asked[]): DataqueryBuilder[] {
  return asked.map(({ expr, legend }, i) =>
    new DataqueryBuilder()
      .refId(REF_IDS[i] ?? "G")
      .datasource(DATASOURCE)
      .expr(expr)
      .legendFormat(legend)
      .range(),
  );
}

/** Queries of the present alone. */
export function instantQueries(asked: readonly Asked[]): DataqueryBuilder[] {
  return asked.map(({ expr, legend }, i) =>
    new DataqueryBuilder()
      .refId(REF_IDS[i] ?? "G")
      .datasource(DATASOURCE)
      .expr(expr)
      .legendFormat(legend)
      .instant(),
  );
}

/** Lines over time. A gap stays a gap: missing is never zero. */
export function lines(options: TimeseriesOptions): TimeseriesPanel {
  const panel = new TimeseriesPanel()
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .span(options.width)
    .height(options.height ?? PANEL_HEIGHT)
    .unit(options.unit)
    .noValue(UNKNOWN)
    .targets(rangeQueries(options.asked))
    .lineWidth(options.stacked ? 0 : 1)
    .fillOpacity(options.stacked ? 60 : 0)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (options.min !== undefined) panel.min(options.min);
  if (options.max !== undefined) panel.max(options.max);
  if (options.decimals !== undefined) panel.decimals(options.decimals);
  if (options.draw !== undefined) panel.drawStyle(options.draw);
  if (options.stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"));
  if (options.repeat !== undefined) panel.repeat(options.repeat).repeatDirection("h").maxPerRow(3);
  if (options.dashed !== undefined)
    panel.overrideByRegexp(options.dashed, [
      { id: "custom.lineStyle", value: { fill: "dash", dash: [6, 4] } },
      { id: "color", value: { mode: "fixed", fixedColor: "text" } },
    ]);
  if (options.line !== undefined)
    panel
      .thresholds(steps([0, "transparent"], [options.line, "orange"]))
      .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  return panel;
}

/** Colours by value; the first one is what lies below all others. */
export function steps(...from: readonly (readonly [value: number, color: string])[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(from.map(([value, color], i) => ({ value: i === 0 ? null : value, color })));
}
