/** Every question that the dashboards ask, as Grafana would send it. */
import type { Dashboard, Panel, RowPanel } from "@grafana/grafana-foundation-sdk/dashboard";

export interface Question {
  /** `dashboard / panel / query`. */
  readonly where: string;
  readonly dashboard: string;
  readonly panel: number;
  readonly expr: string;
  readonly legend: string;
  readonly instant: boolean;
}

export interface VariableQuestion {
  readonly where: string;
  /** A series selector and the label whose values are asked for. */
  readonly match: string;
  readonly label: string;
}

/** A query of a panel, as far as it is read here. */
interface Target {
  readonly refId?: string;
  readonly expr?: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
}

export type DashboardPanel = Omit<Panel, "targets"> & { readonly targets?: readonly Target[] };

export function panelsOf(dashboard: Dashboard): DashboardPanel[] {
  return (dashboard.panels ?? []).flatMap((panel) => (isRow(panel) ? [] : [panel as DashboardPanel]));
}

function isRow(panel: Panel | RowPanel): panel is RowPanel {
  return panel.type === "row";
}

/** Grafana's own variables as it fills them in for a scrape every second; a dashboard's variables stand on All. */
export function filledIn(expr: string, rateInterval = "20s"): string {
  return expr.replaceAll("$__rate_interval", rateInterval).replaceAll(/\$\{?(network|region|pool|source)\}?/g, ".*");
}

/** All queries of panels and annotations. */
export function questionsOf(name: string, dashboard: Dashboard): Question[] {
  const ofPanels = panelsOf(dashboard).flatMap((panel) =>
    (panel.targets ?? []).map((target): Question => {
      const where = `${name} / ${panel.title} / ${target.refId}`;
      if (target.expr === undefined) throw new Error(`${where} has no query`);
      const { expr, legendFormat: legend = "", instant = false } = target;
      return { where, dashboard: name, panel: panel.id ?? 0, expr: filledIn(expr), legend, instant };
    }),
  );
  const ofAnnotations = (dashboard.annotations.list ?? []).map(
    ({ name: title, expr = "", titleFormat: legend = "" }): Question => ({
      ...{ where: `${name} / annotation ${title}`, dashboard: name, panel: 0 },
      ...{ expr: filledIn(expr), legend, instant: false },
    }),
  );
  return [...ofPanels, ...ofAnnotations];
}

export function variablesOf(name: string, dashboard: Dashboard): VariableQuestion[] {
  return (dashboard.templating.list ?? [])
    .filter(({ type }) => type === "query")
    .map((variable) => {
      const where = `${name} / variable ${variable.name}`;
      const [, match, label] = /^label_values\((.+), (\w+)\)$/.exec(String(variable.query)) ?? [];
      if (match === undefined || label === undefined) throw new Error(`${where} asks ${String(variable.query)}`);
      return { where, match: filledIn(match), label };
    });
}

/** Names of our metrics in an expression; a recording rule's name has a colon and is none. */
export function metricsIn(expr: string): string[] {
  const names = expr.match(/(?<![\w:])hashfall_\w+(?![\w:]*:)/g) ?? [];
  return names.map((name) => name.replace(/_(bucket|sum|count)$/, ""));
}
