/** What is around the panels: variables, annotations of alerts, links between the dashboards. */
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DATASOURCE } from "./parts.ts";

export interface PanelLike {
  build(): Panel;
}

export interface Section {
  readonly title: string;
  readonly panels: readonly PanelLike[];
}

export interface DashboardOptions {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly QueryVariableBuilder[];
  readonly sections: readonly Section[];
  /** Time range at opening. */
  readonly from?: string;
}

const TAG = "hashfall";
/** Where compose.yaml puts the page. */
const PAGE = "http://localhost:8080";

/** A variable of label values; every value unless one is chosen. */
export function labelValues(name: string, label: string, series: string, of = name): QueryVariableBuilder {
  const query = `label_values(${series}, ${of})`;
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATASOURCE)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue(".*")
    .current({ selected: true, text: ["All"], value: ["$__all"] });
}

export const networkVariable = (): QueryVariableBuilder =>
  labelValues("network", "Network", "hashfall_tick_interval_seconds");

/** When an alert of severity warning or critical was open; the many of severity info would cover what is grave. */
function alertAnnotation(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name("Alerts")
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor("red")
    .expr('max by (network, scope, region, pool) (hashfall_alert_active{network=~"$network"}) >= 2')
    .step("15s")
    .titleFormat("{{network}} {{scope}} {{region}}{{pool}}")
    .textFormat("open in this time")
    .tagKeys("network,scope");
}

/** Puts a dashboard together; panels are numbered in reading order. */
export function dashboard(options: DashboardOptions): Dashboard {
  const builder = new DashboardBuilder(options.title)
    .uid(options.uid)
    .description(options.description)
    .tags([TAG])
    .timezone("utc")
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: options.from ?? "now-6h", to: "now" })
    .refresh("10s")
    .link(
      new DashboardLinkBuilder("hashfall")
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(false)
        .includeVars(true)
        .keepTime(true),
    )
    .annotation(alertAnnotation())
    .withVariable(
      new DatasourceVariableBuilder("datasource")
        .label("Data source")
        .type("prometheus")
        .current({ selected: true, text: "hashfall", value: "hashfall" }),
    )
    .withVariable(
      new TextBoxVariableBuilder("page")
        .label("hashfall's page")
        .description("Where the links to alerts and runbooks lead.")
        .defaultValue(PAGE)
        .current({ selected: true, text: PAGE, value: PAGE }),
    );
  for (const variable of options.variables) builder.withVariable(variable);
  for (const { title, panels } of options.sections) {
    builder.withRow(new RowBuilder(title));
    for (const panel of panels) builder.withPanel(panel);
  }
  const built = builder.build();
  built.panels?.forEach((panel, i) => {
    panel.id = i + 1;
  });
  // The builder hides annotations and links in a menu; a reader should see them at once.
  for (const hidden of [...(built.annotations.list ?? []), ...(built.links ?? [])]) delete hidden.placement;
  return built;
}
