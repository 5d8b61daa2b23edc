/** The world: regions coloured by drop, and a circle as large as what is expected to run there. */
import type { RegionItem } from "./api.ts";
import { h, svg } from "./dom.ts";
import { hashrate, percent, regionName } from "./format.ts";
import { ignorance } from "./quiet.ts";
import { dropStep } from "./region-row.ts";
import type { State } from "./state.ts";
import { alertOfRegion } from "./state.ts";

interface World {
  readonly width: number;
  readonly height: number;
  readonly outlines: Readonly<Record<string, string>>;
  readonly nameless: string;
  readonly centres: Readonly<Record<string, readonly [number, number]>>;
}

/** What the declared region EU colours where a country is no region of its own. */
const EUROPE =
  "AL AT BA BE BG BY CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LT LU LV MD ME MK NL NO PL PT RO RS SE SI SK UA".split(
    " ",
  );
const LARGEST_RADIUS = 330;
const SMALLEST_RADIUS = 45;

export class WorldMap {
  readonly #root: HTMLElement;
  readonly #select: (region: string) => void;
  readonly #countries = new Map<string, SVGPathElement>();
  readonly #circles = svg("g", { class: "circles" });
  /** Over all circles, or a neighbour's would cover them. */
  readonly #labels = svg("g", { class: "labels" });
  readonly #picture = svg("svg", { role: "img", preserveAspectRatio: "xMidYMid meet" });
  #world: World | null = null;

  constructor(root: HTMLElement, select: (region: string) => void) {
    this.#root = root;
    this.#select = select;
  }

  async load(): Promise<void> {
    const world = (await (await fetch(new URL("ui/world.json", document.baseURI))).json()) as World;
    this.#picture.setAttribute("viewBox", `0 0 ${world.width} ${world.height}`);
    const land = svg("g", { class: "land" }, svg("path", { d: world.nameless }));
    for (const [code, outline] of Object.entries(world.outlines)) {
      const path = svg("path", { d: outline });
      this.#countries.set(code, path);
      land.append(path);
    }
    this.#picture.append(land, this.#circles, this.#labels);
    this.#root.replaceChildren(this.#picture);
    this.#world = world;
  }

  update(state: State): void {
    const world = this.#world;
    if (!world) return;
    const regions = new Map(state.regions.map((region) => [region.region, region]));
    for (const [code, path] of this.#countries) {
      const region = regions.get(code) ?? (EUROPE.includes(code) ? regions.get("EU") : undefined);
      path.setAttribute("class", region ? `region step-${dropStep(region.drop)}` : "");
    }
    const placed = state.regions.filter(({ region }) => world.centres[region]);
    const largest = Math.max(...placed.map(({ expected, hashrate: actual }) => expected ?? actual ?? 0), 1);
    this.#circles.replaceChildren();
    this.#labels.replaceChildren();
    // Large ones first, so that small neighbours lie on top of them.
    for (const region of placed.toSorted((a, b) => (b.expected ?? 0) - (a.expected ?? 0))) {
      const centre = world.centres[region.region];
      if (centre) this.#place(region, centre, largest, alertOfRegion(state, region.region) !== undefined);
    }
    const fallen = placed.filter(({ drop }) => (drop ?? 0) >= 0.05);
    const text = fallen.map(({ region, drop }) => `${regionName(region)} down ${percent(drop)}`).join(", ");
    const known = ignorance(state) === undefined && placed.some(({ drop }) => drop !== undefined);
    const none = known ? "No region is down" : "Whether a region is down is not known";
    this.#picture.setAttribute("aria-label", `World map. ${text === "" ? none : text}.`);
  }

  #place(region: RegionItem, [x, y]: readonly [number, number], largest: number, alerting: boolean): void {
    const { region: code, hashrate: actual, expected = actual ?? 0, drop } = region;
    const r = Math.max(SMALLEST_RADIUS, LARGEST_RADIUS * Math.sqrt(expected / largest));
    const left = expected > 0 && actual !== undefined ? Math.min(1, actual / expected) : 1;
    const circle = svg(
      "g",
      {
        class: `circle step-${dropStep(drop)}${alerting ? " alerting" : ""}`,
        transform: `translate(${x} ${y})`,
        "data-region": code,
      },
      svg("title", {}, `${regionName(code)}: ${hashrate(actual)} of ${hashrate(region.expected)}`),
      alerting ? svg("circle", { class: "pulse", r }) : null,
      svg("circle", { class: "expected", r }),
      svg("circle", { class: "actual", r: r * Math.sqrt(left) }),
    );
    circle.addEventListener("click", () => this.#select(code));
    this.#circles.append(circle);
    if (!alerting) return;
    this.#labels.append(svg("text", { x, y: y - r - 50 }, drop === undefined ? code : `${code} −${percent(drop)}`));
  }
}

/** What the colours mean, in words. */
export function legend(): HTMLElement[] {
  const steps: [string, string][] = [
    ["0", "steady"],
    ["1", "from 5 %"],
    ["2", "from 15 %"],
    ["3", "from 30 %"],
    ["4", "55 % and more lost"],
    ["unknown", "unknown"],
  ];
  return steps.map(([step, text]) => h("span", { class: `key step-${step}` }, h("i", { "aria-hidden": "true" }), text));
}
