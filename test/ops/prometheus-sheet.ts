/** Draws the dashboards from real answers, so that they can be looked at without a Grafana. */
import { join } from "node:path";
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { chromium } from "playwright-core";
import { type DashboardPanel, panelsOf, questionsOf } from "../grafana/queries.ts";
import { drawPanel } from "./prometheus-panel.ts";
import type { Series } from "./prometheus-server.ts";

export interface Sheet {
  readonly name: string;
  readonly file: string;
  /** Titles of panels with nothing to show. */
  readonly empty: readonly string[];
}

const COLUMN = 60;
const ROW = 34;

/** One PNG for each dashboard in `folder`. @param answers by `where` of a question */
export async function drawSheets(
  dashboards: readonly (readonly [string, Dashboard])[],
  answers: ReadonlyMap<string, readonly Series[]>,
  folder: string,
): Promise<Sheet[]> {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage({ viewport: { width: 24 * COLUMN, height: 800 } });
    const sheets: Sheet[] = [];
    for (const [name, dashboard] of dashboards) {
      const empty: string[] = [];
      const boxes = panelsOf(dashboard).map((panel) => box(name, dashboard, panel, answers, empty));
      const rows = (dashboard.panels ?? [])
        .filter(({ type }) => type === "row")
        .map(({ title, gridPos }) => `<h2 style="top:${(gridPos?.y ?? 0) * ROW}px">${title}</h2>`);
      const height = Math.max(...panelsOf(dashboard).map(({ gridPos }) => gridPos!.y + gridPos!.h)) * ROW;
      await page.setContent(`${STYLE}<main style="height:${height}px">${rows.join("")}${boxes.join("")}</main>`);
      const file = join(folder, `${name}.png`);
      await page.screenshot({ path: file, fullPage: true });
      sheets.push({ name, file, empty });
    }
    return sheets;
  } finally {
    await browser.close();
  }
}

function box(
  name: string,
  dashboard: Dashboard,
  panel: DashboardPanel,
  answers: ReadonlyMap<string, readonly Series[]>,
  empty: string[],
): string {
  const asked = questionsOf(name, dashboard).filter((question) => question.panel === panel.id);
  const drawn = drawPanel(
    panel,
    asked.map(({ where, legend }) => ({ legend, series: answers.get(where) ?? [] })),
  );
  if (drawn === null) empty.push(panel.title ?? "");
  const { x, y, w, h } = panel.gridPos!;
  const place = `left:${x * COLUMN}px;top:${y * ROW}px;width:${w * COLUMN - 8}px;height:${h * ROW - 8}px`;
  return `<section style="${place}"><h3>${panel.title}</h3>${drawn ?? "<p class=none>No data</p>"}</section>`;
}

const STYLE = `<style>
  * { box-sizing: border-box; margin: 0 } body { background: #111217; color: #ccccdc; font: 11px sans-serif }
  main { position: relative } h2 { position: absolute; font-size: 14px; padding: 8px 4px }
  section { position: absolute; background: #181b1f; border: 1px solid #2a2d33; padding: 6px; overflow: hidden }
  h3 { font-size: 12px; margin-bottom: 4px } svg { display: block; width: 100% } .none { color: #888; padding: 20px }
  .big { font-size: 24px; padding: 2px 4px } .key { display: inline-block; margin-right: 9px; white-space: nowrap }
  table { width: 100%; border-collapse: collapse } td, th { text-align: left; padding: 2px 6px; border-bottom: 1px solid #2a2d33 }
</style>`;
