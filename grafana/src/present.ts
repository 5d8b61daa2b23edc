/** Panels of the present: single figures, tables, and states over time. */
import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  TableSortByFieldStateBuilder,
  VisibilityMode,
  VizLegendOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type ThresholdsConfigBuilder,
  type ValueMapping,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatPanel } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as StateTimelinePanel } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as TablePanel } from "@grafana/grafana-foundation-sdk/table";
import {
  type Asked,
  DATASOURCE,
  instantQueries,
  PANEL_HEIGHT,
  type PanelText,
  rangeQueries,
  steps,
  UNKNOWN,
} from "./parts.ts";

/** `hashfall_alert_active` in words. */
export const SEVERITIES = mapping({
  0: ["none", "green"],
  1: ["info", "blue"],
  2: ["warning", "orange"],
  3: ["critical", "red"],
});

/** Where 1 is well and 0 is not. */
export const YES_NO = mapping({ 0: ["no", "red"], 1: ["yes", "green"] });

/** Colours of severities for what is not mapped to words. */
export const SEVERITY_STEPS: () => ThresholdsConfigBuilder = () =>
  steps([0, "green"], [1, "blue"], [2, "orange"], [3, "red"]);

function mapping(words: Readonly<Record<number, readonly [text: string, color: string]>>): ValueMapping[] {
  const options = Object.entries(words).map(
    ([value, [text, color]], index) => [value, { text, color, index }] as const,
  );
  return [{ type: MappingType.ValueToText, options: Object.fromEntries(options) }];
}

export interface StatOptions extends PanelText {
  readonly unit: string;
  readonly asked: readonly Asked[];
  readonly thresholds?: ThresholdsConfigBuilder;
  readonly mappings?: ValueMapping[];
  /** Names instead of figures: for series whose labels are the answer. */
  readonly names?: boolean;
  readonly decimals?: number;
  readonly noValue?: string;
  /** A line of its past behind the figure. */
  readonly past?: boolean;
}

/** The newest figure, large. */
export function figure(options: StatOptions): StatPanel {
  const panel = new StatPanel()
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .span(options.width)
    .height(options.height ?? 4)
    .unit(options.unit)
    .targets(options.past ? rangeQueries(options.asked) : instantQueries(options.asked))
    .thresholds(options.thresholds ?? steps([0, "text"]))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .colorMode(BigValueColorMode.Value)
    .graphMode(options.past ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .textMode(options.names ? BigValueTextMode.Name : BigValueTextMode.Auto)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false));
  if (options.mappings !== undefined) panel.mappings(options.mappings);
  if (options.decimals !== undefined) panel.decimals(options.decimals);
  return panel.noValue(options.noValue ?? UNKNOWN);
}

export interface TimelineOptions extends PanelText {
  readonly asked: readonly Asked[];
  readonly mappings: ValueMapping[];
}

/** Which state held when, one row for each series. */
export function timeline(options: TimelineOptions): StateTimelinePanel {
  return new StateTimelinePanel()
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .span(options.width)
    .height(options.height ?? PANEL_HEIGHT)
    .targets(rangeQueries(options.asked))
    .mappings(options.mappings)
    .noValue(UNKNOWN)
    .mergeValues(true)
    .showValue(VisibilityMode.Never)
    .fillOpacity(80)
    .lineWidth(0)
    .rowHeight(0.85)
    .legend(new VizLegendOptionsBuilder().showLegend(false).calcs([]));
}

export interface Column extends Asked {
  /** Grafana's unit; `legend` is the column's name. */
  readonly unit: string;
  readonly decimals?: number;
  readonly mappings?: ValueMapping[];
  readonly thresholds?: ThresholdsConfigBuilder;
  /** Narrowest width, px, for a figure that is long. */
  readonly minWidth?: number;
  /** Only the labels of this query are shown. */
  readonly labelsOnly?: boolean;
}

export interface TableOptions extends PanelText {
  /** Labels that make a row, in order, and how their columns are called. */
  readonly keys: Readonly<Record<string, string>>;
  readonly columns: readonly Column[];
  /** Where a click on a column of labels leads. */
  readonly links?: Readonly<
    Record<string, { readonly title: string; readonly url: string; readonly minWidth: number }>
  >;
  /** Column by which rows are sorted, highest first. */
  readonly sortBy: string;
  readonly noValue?: string;
}

/** Narrowest column, px; Grafana's own 150 pushes columns out of view. */
const NARROWEST = 64;
/** What stands in a cell without a figure. */
const EMPTY_CELL = "–";

/** One row for each label set, one column for each query. */
export function table(options: TableOptions): TablePanel {
  const { columns, keys } = options;
  const one = columns.length === 1;
  // With one query the figure's column is called Value, with several Value #A and so on.
  const valueName = (i: number): string => (one ? "Value" : `Value #${"ABCDEF"[i]}`);
  const panel = new TablePanel()
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .span(options.width)
    .height(options.height ?? PANEL_HEIGHT)
    .minWidth(NARROWEST)
    .noValue(options.noValue ?? UNKNOWN)
    .targets(instantQueries(columns).map((query) => query.format(PromQueryFormat.Table)))
    .sortBy([new TableSortByFieldStateBuilder().displayName(options.sortBy).desc(true)]);
  if (!one) panel.withTransformation({ id: "merge", options: {} });
  panel.withTransformation({
    id: "organize",
    options: {
      excludeByName: {
        Time: true,
        ...Object.fromEntries(columns.flatMap(({ labelsOnly }, i) => (labelsOnly ? [[valueName(i), true]] : []))),
      },
      indexByName: Object.fromEntries(
        [...Object.keys(keys), ...columns.map((_, i) => valueName(i))].map((n, i) => [n, i]),
      ),
      renameByName: { ...keys, ...Object.fromEntries(columns.map(({ legend }, i) => [valueName(i), legend])) },
    },
  });
  for (const name of Object.values(keys)) {
    const link = options.links?.[name];
    panel.overrideByName(name, [
      { id: "noValue", value: EMPTY_CELL },
      ...(link === undefined
        ? []
        : [
            { id: "links", value: [{ title: link.title, url: link.url, targetBlank: true }] },
            { id: "custom.minWidth", value: link.minWidth },
          ]),
    ]);
  }
  for (const { legend, unit, decimals, mappings, thresholds, minWidth, labelsOnly } of columns) {
    if (labelsOnly) continue;
    const properties: DynamicConfigValue[] = [
      { id: "unit", value: unit },
      { id: "noValue", value: EMPTY_CELL },
    ];
    if (minWidth !== undefined) properties.push({ id: "custom.minWidth", value: minWidth });
    if (decimals !== undefined) properties.push({ id: "decimals", value: decimals });
    if (mappings !== undefined) properties.push({ id: "mappings", value: mappings });
    if (thresholds !== undefined)
      properties.push(
        { id: "thresholds", value: thresholds.build() },
        { id: "custom.cellOptions", value: { type: "color-text" } },
      );
    panel.overrideByName(legend, properties);
  }
  return panel;
}
