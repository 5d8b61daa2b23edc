/** One region: what is believed to run there against what is expected. */
import type { RegionItem } from "./api.ts";
import { h, type Shown, setText } from "./dom.ts";
import { hashrate, percent, regionName } from "./format.ts";

export interface RegionRow {
  readonly region: RegionItem;
  /** H/s of the longest bar. */
  readonly scale: number;
  readonly selected: boolean;
  readonly alerting: boolean;
}

/** Steps of the colour scale, by drop; shared with the map. */
export function dropStep(drop: number | undefined): string {
  if (drop === undefined) return "unknown";
  if (drop < 0.05) return "0";
  if (drop < 0.15) return "1";
  if (drop < 0.3) return "2";
  return drop < 0.55 ? "3" : "4";
}

/** From which fall on the region would be told within an hour, with the pools that report now. */
function seenFrom({ detectable }: RegionItem): string {
  if (detectable === undefined) return "";
  const { listed } = detectable.hour;
  return listed === null ? ", not seen within an hour" : `, seen from ${percent(listed)}`;
}

export function regionRow(select: (region: string) => void): (first: RegionRow) => Shown<RegionRow> {
  return ({ region: { region: code, of } }) => {
    const name = h("span", { class: "name" }, regionName(code));
    const about = of ? `${code}, sum of ${of.length}` : code;
    const tag = h("span", { class: "code" }, about);
    if (of) tag.title = of.join(", ");
    const actual = h("span", { class: "actual" });
    const expected = h("span", { class: "expected" });
    const figures = h("span", { class: "figures" });
    const drop = h("span", { class: "drop" });
    const button = h(
      "button",
      { type: "button", class: "row" },
      h("span", { class: "title" }, name, tag),
      h("span", { class: "track", "aria-hidden": "true" }, expected, actual),
      figures,
      drop,
    );
    button.addEventListener("click", () => select(code));
    const element = h("li", {}, button);
    return {
      element,
      update: ({ region, scale, selected, alerting }) => {
        element.className = `step-${dropStep(region.drop)}${alerting ? " alerting" : ""}`;
        element.dataset.region = code;
        button.setAttribute("aria-pressed", String(selected));
        actual.style.setProperty("--share", String((region.hashrate ?? 0) / scale));
        expected.style.setProperty("--share", String((region.expected ?? 0) / scale));
        setText(tag, about + seenFrom(region));
        setText(figures, `${hashrate(region.hashrate)} of ${hashrate(region.expected)}`);
        const fallen = region.drop !== undefined && region.drop >= 0.005;
        setText(drop, region.drop === undefined ? "unknown" : fallen ? `−${percent(region.drop)}` : "steady");
      },
    };
  };
}
