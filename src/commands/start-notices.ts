/** What is said once at start, so that nobody learns it from a log of somebody else's server. */
import type { Config } from "../config/resolve/resolved.ts";
import { oldWeightsNote, summarise } from "./check/summary.ts";

/**
 * One sentence each: which undocumented endpoints are asked, how few pools report without a key, whose weights are old.
 *
 * @param at today, ms
 */
export function startNotices(config: Config, at: number): readonly string[] {
  const anonymous = config.contact === undefined ? "; set `contact`, so that whoever runs them can reach you" : "";
  const asked = summarise(config).flatMap(({ network, pools, sources }) => {
    const undocumented = sources.filter((source) => source.undocumented);
    const keyless = pools.filter((pool) => pool.keyless);
    const lines = [
      `${network}: ${keyless.length} of ${pools.length} pools report a figure of their own without a key; ` +
        "hashfall check says what can be told apart with that",
    ];
    if (undocumented.length > 0) {
      const names = undocumented.map((source) => `${source.pools.join(", ")} (every ${source.every})`);
      lines.push(
        `${network}: the figures of ${names.join(", ")} come from the endpoints behind their own web pages, ` +
          `which have no published terms; \`webPageSources: false\` turns them off${anonymous}`,
      );
    }
    const witnesses = config.networks.find(({ name }) => name === network)?.witnesses ?? [];
    const dashboards = witnesses.filter(({ webPage }) => webPage === true).map(({ id }) => id);
    if (dashboards.length > 0) {
      lines.push(
        `${network}: the witness ${dashboards.join(", ")} reads what is behind a public dashboard, ` +
          "which has no published terms; `webPageSources: false` turns it off",
      );
    }
    return sources.length > 0 ? lines : [];
  });
  const old = config.networks.flatMap((network) =>
    oldWeightsNote(network, at).map((note) => `${network.name}: ${note}`),
  );
  return [...asked, ...old];
}
