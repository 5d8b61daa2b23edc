/** The evidence of an alert: which pools fell, which stood, and what each says for or against it. */
import type { DeliveredAlert } from "../model/alert.ts";
import type { PoolItem } from "./api.ts";
import { h } from "./dom.ts";
import { change, hashrate, regionName } from "./format.ts";

type Row = NonNullable<DeliveredAlert["evidence"]>[number];

/** Below this a row says next to nothing either way. */
const SILENT_SCORE = 0.1;

function figure(value: number, row: Row): string {
  return row.unit === "blocks" ? `${value.toFixed(value < 10 ? 1 : 0)} blocks` : hashrate(value);
}

function scoreCell(score: number, largest: number): HTMLElement {
  const bar = h("span", { class: score < 0 ? "against" : "for", "aria-hidden": "true" });
  bar.style.setProperty("--size", String(Math.abs(score) / largest));
  return h("td", { class: "score" }, bar, h("span", {}, `${score < 0 ? "−" : "+"}${Math.abs(score).toFixed(1)}`));
}

function rowOf(row: Row, largest: number): HTMLElement {
  const where = row.region === undefined ? "" : ` in ${regionName(row.region)}`;
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, `${row.pool}${where}`),
    h("td", { class: "number" }, figure(row.expected, row)),
    h("td", { class: "number" }, figure(row.observed, row)),
    h("td", { class: "number" }, change(row.observed, row.expected)),
    scoreCell(row.score, largest),
  );
}

/** Pools that tell against a fall of everything: they mine elsewhere, and they stand. Null when there are none. */
export function standing(pools: readonly PoolItem[]): HTMLElement | null {
  const known = pools.filter(({ state, expected }) => state === "ok" && expected !== undefined);
  if (known.length === 0) return null;
  const texts = known.map(({ pool, hashrate: now, expected }) => `${pool} ${change(now, expected)}`);
  return h("div", {}, h("h4", {}, "Pools that mine elsewhere"), h("p", {}, texts.join(", ")));
}

/** Null when an alert carries no evidence. */
export function evidenceTable(alert: DeliveredAlert): HTMLElement | null {
  const rows = [...(alert.evidence ?? [])].sort((a, b) => b.score - a.score);
  if (rows.length === 0) return null;
  const largest = Math.max(...rows.map(({ score }) => Math.abs(score)), SILENT_SCORE);
  const heading = (text: string, number = true) =>
    h("th", { scope: "col", class: number ? "number" : undefined }, text);
  return h(
    "div",
    { class: "scroll" },
    h("h4", {}, "Pools: what they show, and what that says for (+) or against (−) this alert"),
    h(
      "table",
      { class: "evidence" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          heading("Pool", false),
          heading("Expected"),
          heading("Observed"),
          heading("Change"),
          heading("Says"),
        ),
      ),
      h("tbody", {}, ...rows.map((row) => rowOf(row, largest))),
    ),
  );
}
