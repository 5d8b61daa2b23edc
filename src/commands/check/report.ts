/** The text of `hashfall check`: tables that fit a terminal. */

import { formatDuration } from "../../config/schema/durations.ts";
import { formatShare } from "../../model/format.ts";
import type { NetworkSummary, PoolSummary, SourceSummary } from "./summary.ts";
import { textTable, wrapText } from "./table.ts";

/** Regions of a pool that a table row has room for. */
const MOST_REGIONS = 4;
const MOST_CONFUSED = 6;
const MOST_NAMED = 5;

/** Networks, pools, sources and what they mean; ends without a line break. */
export function reportNetwork(summary: NetworkSummary): string {
  const parts = [
    wrapText(
      `${summary.network}: ${count(summary.pools.length, "pool")}, ${count(summary.sources.length, "source")}, ` +
        feeding(summary) +
        `${count(summary.regions.length, "region")}; a tick every ${summary.interval}; a budget of ` +
        `${summary.falseAlarmsPerMonth} false regional alarms in 30 days; configuration ${summary.configHash}`,
      100,
      0,
    ),
    textTable(
      [{ head: "pool" }, { head: "window", right: true }, { head: "figure from" }, { head: "largest known regions" }],
      summary.pools.map(poolRow),
    ),
  ];
  const speaking = [...summary.sources, ...summary.senders, ...summary.witnesses];
  if (speaking.length > 0) {
    parts.push(
      textTable(
        [{ head: "source" }, { head: "every", right: true }, { head: "key" }, { head: "speaks for" }],
        speaking.map((source) => [
          source.source + (source.undocumented ? " *" : ""),
          source.every ?? "sends",
          source.key === "none" ? "-" : source.key,
          speaksFor(source),
        ]),
      ),
    );
  }
  if (speaking.some((source) => source.undocumented)) {
    parts.push(
      wrapText(
        "* an endpoint behind somebody's own web page, without published terms: asked rarely and under our own name; " +
          "`webPageSources: false` turns them all off",
      ),
    );
  }
  if (summary.resolvability.length > 0) parts.push(reportResolvability(summary));
  parts.push(...summary.notes.map((note) => wrapText(note)));
  return parts.join("\n\n");
}

/** What these pools can and cannot tell apart. */
function reportResolvability({ resolvability: regions, sources, senders }: NetworkSummary): string {
  const who =
    sources.length + senders.length === 0 ? "these pools' figures can show" : "the pools that report a figure can show";
  const rows = regions.map(
    ({ region, smallestDropHour, smallestDropDay, smallestNamedHour, smallestNamedDay, confusedWith }) => {
      const names = confusedWith.slice(0, MOST_CONFUSED).map((other) => other.region);
      const more = confusedWith.length - names.length;
      return [
        region,
        ...[smallestDropHour, smallestDropDay, smallestNamedHour, smallestNamedDay].map((drop) =>
          drop === null ? "-" : formatShare(drop),
        ),
        names.length === 0 ? "-" : names.join(", ") + (more > 0 ? ` and ${more} more` : ""),
      ];
    },
  );
  const unseen = regions.filter((region) => region.smallestDropDay === null).map((region) => region.region);
  const lines = [
    wrapText(
      `What ${who}, if the weights are right: the smallest fall of a region that opens an alert within an hour and a day ` +
        "in two cases of three, the smallest that names it, and the regions that a blackout of it cannot be told apart from.",
    ),
    "",
    textTable(
      [
        { head: "region" },
        ...["1 h", "24 h", "named 1 h", "named 24 h"].map((head) => ({ head, right: true })),
        { head: "confused with" },
      ],
      rows,
    ),
  ];
  if (unseen.length > 0) {
    lines.push(
      "",
      wrapText(`A dash is never: not even the loss of all of ${unseen.join(", ")} would open an alert in a day.`),
    );
  }
  return lines.join("\n");
}

function poolRow(pool: PoolSummary): readonly string[] {
  const figures = pool.figures.length > 0 ? pool.figures.join(", ") : pool.blocks.length > 0 ? "blocks alone" : "-";
  const known = pool.regions.slice(0, MOST_REGIONS).map((r) => `${r.region} ${formatShare(r.weight)}`);
  const more = pool.regions.length - known.length;
  const window = pool.windowSeconds === null ? "-" : formatDuration(pool.windowSeconds * 1000);
  return [pool.pool, window, figures, known.join(", ") + (more > 0 ? `, ${more} more` : "") || "-"];
}

function speaksFor({ kind, pools, regions }: SourceSummary): string {
  const where = regions.length === 0 ? "" : ` in ${some(regions, MOST_NAMED)}`;
  return `${kind === "witness" ? "explains alerts" : some(pools, MOST_NAMED)}${where}`;
}

/** All of a few names; of many the first ones, and how many more there are. */
function some(names: readonly string[], most: number): string {
  const more = names.length - most + 1;
  return names.length > most ? `${names.slice(0, most - 1).join(", ")} and ${more} more` : names.join(", ");
}

function feeding({ senders, witnesses }: NetworkSummary): string {
  const push = senders.length === 0 ? "" : `${count(senders.length, "sender")}, `;
  return witnesses.length === 0 ? push : `${push}${witnesses.length} witness${witnesses.length === 1 ? "" : "es"}, `;
}

function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? "" : "s"}`;
}
