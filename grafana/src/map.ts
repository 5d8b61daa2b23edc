/** The world: one mark for each country, coloured by what is lost there. */
import {
  FrameGeometrySourceBuilder,
  FrameGeometrySourceMode,
  MapLayerOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { FieldColorBuilder, FieldColorModeId } from "@grafana/grafana-foundation-sdk/dashboard";
import {
  ControlsOptionsBuilder,
  PanelBuilder as GeomapPanel,
  MapViewConfigBuilder,
  TooltipMode,
  TooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/geomap";
import { PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { DATASOURCE, instantQueries, type PanelText, steps, UNIT, UNKNOWN } from "./parts.ts";

export interface MapOptions extends PanelText {
  /** Gives one figure from 0 to 1 for each `country`, an ISO 3166 code of two letters. */
  readonly expr: string;
  readonly figure: string;
}

/** Grafana's own list of countries with their places. */
const COUNTRIES = "public/gazetteer/countries.json";

/** Marks of countries, placed by their codes: the figure is the colour and the size. */
export function worldMap(options: MapOptions): GeomapPanel {
  const byFigure = { field: options.figure, fixed: 8, min: 6, max: 28 };
  const marks = new MapLayerOptionsBuilder()
    .type("markers")
    .name("Countries")
    .location(
      new FrameGeometrySourceBuilder().mode(FrameGeometrySourceMode.Lookup).lookup("Country").gazetteer(COUNTRIES),
    )
    .config({
      showLegend: true,
      style: {
        color: { field: options.figure, fixed: "dark-green" },
        opacity: 0.7,
        size: byFigure,
        symbol: { mode: "fixed", fixed: "img/icons/marker/circle.svg" },
        text: { mode: "field", field: "Country", fixed: "" },
        textConfig: { fontSize: 11, offsetX: 0, offsetY: 0, textAlign: "center", textBaseline: "middle" },
      },
    })
    .tooltip(true);
  return new GeomapPanel()
    .title(options.title)
    .description(options.description)
    .datasource(DATASOURCE)
    .span(options.width)
    .height(options.height ?? 10)
    .unit(UNIT.ratio)
    .decimals(0)
    .min(0)
    .max(1)
    .noValue(UNKNOWN)
    .thresholds(steps([0, "green"], [0.05, "yellow"], [0.15, "orange"], [0.3, "red"]))
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .targets(
      instantQueries([{ expr: options.expr, legend: options.figure }]).map((query) =>
        query.format(PromQueryFormat.Table),
      ),
    )
    .withTransformation({
      id: "organize",
      options: { excludeByName: { Time: true }, renameByName: { country: "Country", Value: options.figure } },
    })
    .view(new MapViewConfigBuilder().id("coords").lat(30).lon(20).zoom(1.2))
    .controls(new ControlsOptionsBuilder().showZoom(true).mouseWheelZoom(false).showAttribution(true))
    .basemap(new MapLayerOptionsBuilder().type("default").name("Base map"))
    .layers([marks])
    .tooltip(new TooltipOptionsBuilder().mode(TooltipMode.Details));
}
