/**
 * Writes world.json: the outlines of the countries as paths in one flat picture, so that the page needs neither a
 * projection nor a map library. Run after changing anything here: `node src/ui/world/generate.mjs`.
 * Outlines: Natural Earth (public domain) by world-atlas (ISC).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { geoCentroid, geoNaturalEarth1, geoPath } from "d3-geo";
import { feature } from "topojson-client";
import { ALPHA2 } from "./alpha2.mjs";
import { PLACES } from "./places.mjs";

const WIDTH = 960;
const ANTARCTICA = "010";
/** Centres of mass that lie outside, or far from where people look: degrees east and north. */
const CENTRES = {
  US: [-98.6, 39.8],
  CA: [-106, 57],
  RU: [92, 61],
  FR: [2.4, 46.6],
  NO: [9, 61],
  MY: [102.3, 4],
  EU: [14, 49.5],
};

const topology = JSON.parse(
  readFileSync(new URL("../../../node_modules/world-atlas/countries-110m.json", import.meta.url)),
);
const countries = feature(topology, topology.objects.countries).features.filter(({ id }) => id !== ANTARCTICA);
const collection = { type: "FeatureCollection", features: countries };
const projection = geoNaturalEarth1().rotate([-11, 0]).fitWidth(WIDTH, collection);
const path = geoPath(projection).digits(1);
const height = Math.ceil(path.bounds(collection)[1][1]);
const place = (lonLat) => projection(lonLat).map((value) => Math.round(value * 10));

/** Whole tenths, each point relative to the one before: a third of the size on the wire. */
function compact(outline) {
  return outline.replace(/M([^MZ]+)(Z?)/g, (_, points, end) => {
    let [x, y] = [0, 0];
    let previous = "";
    const steps = points.split("L").map((point, i) => {
      const [px, py] = point.split(",").map((value) => Math.round(Number(value) * 10));
      const step = i === 0 ? `M${px},${py}` : px === x && py === y ? "" : `${previous}${px - x},${py - y}`;
      if (i === 0) previous = "l";
      else if (step !== "") previous = " ";
      [x, y] = [px, py];
      return step;
    });
    return `${steps.join("").replaceAll(",-", "-").replaceAll(" -", "-")}${end.toLowerCase()}`;
  });
}

const outlines = {};
const centres = Object.fromEntries(Object.entries(CENTRES).map(([code, lonLat]) => [code, place(lonLat)]));
let nameless = "";
for (const country of countries) {
  const code = ALPHA2[country.id];
  const raw = path(country);
  if (!raw) continue;
  const outline = compact(raw);
  if (!code) {
    nameless += outline;
    continue;
  }
  outlines[code] = outline;
  centres[code] ??= place(geoCentroid(country));
}
for (const [code, lonLat] of Object.entries(PLACES)) centres[code] ??= place(lonLat);
const world = { width: WIDTH * 10, height: height * 10, outlines, nameless, centres };
writeFileSync(new URL("world.json", import.meta.url), `${JSON.stringify(world)}\n`);
