/**
 * How many miners are connected to a pool's servers of a region, where the pool says that and no hash rate by region:
 * nodejs-pool's `/pool/ports` (miners by server; a server that was not heard of for ten minutes is left out of the list)
 * and 2Miners' `stats.<region>_sessions`. Counts are no hash rate, and a server's place is not its miners': they confirm
 * that a region fell, or tell that a pool's own servers there are gone. Shapes: nodejs-pool's lib/api.js, 2Miners'
 * API description (which names `eu_sessions` alone).
 */
import { z } from "zod";
import type { Fact } from "../../model/fact.ts";
import { isRegionCode } from "../../model/region.ts";
import { excerpt, SourceFailure } from "../failure.ts";
import type { HttpDocument } from "../http/contract.ts";
import { newestBeat } from "../open-ethereum-pool.ts";
import { parseNumber } from "../parse/hashrate.ts";
import { parseJson } from "../parse/json.ts";
import { isObject, objectAt, own, textOf } from "../parse/shape.ts";
import { cacheTime } from "../rows.ts";
import { UnknownNames } from "../unknown-names.ts";
import type { WitnessType } from "./contract.ts";
import { CountHistory } from "./count-history.ts";
import { readWitness } from "./read-witness.ts";

const options = z.strictObject({
  api: z
    .enum(["nodejs-pool", "2miners"])
    .describe("whose counts: `nodejs-pool` (miners by server) or `2miners` (sessions by region)"),
  servers: z
    .record(z.string().min(1).max(100), z.string().refine(isRegionCode, "a region code like EU"))
    .describe("a server's host name, or how it begins -> region; for 2miners what stands before `_sessions`"),
});
type Servers = z.infer<typeof options>["servers"];

/** Miners by region; a region of which the document says nothing is absent. */
interface Counts {
  readonly byRegion: ReadonlyMap<string, number>;
  readonly unknown: UnknownNames;
  /** Upstream's own time of the counts, ms. */
  readonly observedAt?: number | undefined;
  /** Whether a region that is not there has no server left, rather than nothing said of it. */
  readonly isComplete: boolean;
}

function countOf(value: unknown, what: string): number {
  const count = parseNumber(value);
  if (count === null || count < 0 || !Number.isInteger(count) || count > 1e9) {
    throw new SourceFailure("semantic", `${what} is ${excerpt(value)}, expected a number of miners`);
  }
  return count;
}

/** The region of the longest beginning of a name that is mapped. */
function regionOf(name: string, servers: Servers): string | undefined {
  const found = Object.keys(servers).filter((beginning) => name.startsWith(beginning.toLowerCase()));
  const longest = found.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? undefined : servers[longest];
}

/** `{"pplns": [{"host": {"hostname": "de01..."}, "miners": 12}], "global": [...]}`: `global` sums up all servers. */
function serverCounts(body: unknown, servers: Servers): Counts {
  const byRegion = new Map<string, number>();
  const unknown = new UnknownNames();
  const error = own(body, "error");
  if (error) throw new SourceFailure("semantic", `it answered ${excerpt(error)}`);
  for (const [scheme, ports] of Object.entries(objectAt(body, "the list of ports"))) {
    if (scheme === "global" || !Array.isArray(ports)) continue;
    for (const port of ports) {
      const host = textOf(own(own(port, "host"), "hostname"))?.toLowerCase();
      if (host === undefined) throw new SourceFailure("format", `a port of ${excerpt(scheme)} has no host name`);
      const region = regionOf(host, servers);
      const miners = countOf(own(port, "miners"), `miners of ${host}`);
      if (region === undefined) unknown.add(host);
      else byRegion.set(region, (byRegion.get(region) ?? 0) + miners);
    }
  }
  if (byRegion.size === 0 && unknown.count === 0) throw new SourceFailure("semantic", "it names no server");
  return { byRegion, unknown, isComplete: byRegion.size > 0 };
}

const SESSIONS = /^([a-z0-9-]+)_sessions$/;

function sessionCounts(body: unknown, servers: Servers): Counts {
  const byRegion = new Map<string, number>();
  const unknown = new UnknownNames();
  const stats = own(body, "stats");
  for (const [key, value] of Object.entries(isObject(stats) ? stats : {})) {
    const prefix = SESSIONS.exec(key)?.[1];
    if (prefix === undefined) continue;
    const region = servers[prefix];
    if (region === undefined) unknown.add(prefix);
    else byRegion.set(region, (byRegion.get(region) ?? 0) + countOf(value, key));
  }
  if (byRegion.size === 0 && unknown.count === 0) throw new SourceFailure("semantic", "its stats have no sessions");
  return { byRegion, unknown, observedAt: newestBeat(body), isComplete: false };
}

const APIS = {
  "nodejs-pool": { path: "/pool/ports", counts: serverCounts },
  "2miners": { path: "/api/stats", counts: sessionCounts },
} as const;

function readCounts(document: HttpDocument, { api, servers }: z.infer<typeof options>, now: number) {
  const counts = APIS[api].counts(parseJson(document.text), servers);
  if (counts.byRegion.size === 0) {
    const names = counts.unknown.names.join(", ");
    throw new SourceFailure("semantic", `none of its servers is named in \`servers\`: ${names}`);
  }
  return { ...counts, at: counts.observedAt ?? cacheTime(document, now).observedAt ?? now };
}

export const minerCounts: WitnessType = {
  type: "miner-counts",
  summary: "how many miners are connected to a pool's servers of a region (nodejs-pool, 2Miners)",
  limits: "none published; asked every five minutes at most",
  key: "none",
  // What a pool's miners are is worth comparing for as long as they are asked about: a node of 2Miners beats every few seconds.
  defaults: { minIntervalMs: 300_000, staleAfterMs: 1_800_000, timeoutMs: 15_000 },
  schema: options,
  create(config, deps) {
    const own = options.parse(config.options);
    const pool = config.id.slice(config.id.indexOf(":") + 1);
    const history = new CountHistory();
    return readWitness(config, deps, {
      defaults: this.defaults,
      async read(reader) {
        const asked = { conditional: false, maxBytes: 4 * 1024 * 1024 };
        const document = await reader.ask(APIS[own.api].path, asked);
        if (document === null) return null;
        const { byRegion, unknown, isComplete, at } = readCounts(document, own, reader.now);
        const facts: Fact[] = [];
        for (const region of new Set(Object.values(own.servers))) {
          const count = byRegion.get(region) ?? (isComplete && history.knows(region, at) ? 0 : undefined);
          if (count !== undefined) {
            facts.push({ kind: "miners", region, pool, count, ratio: history.compare(region, count, at), at });
          }
        }
        return { facts, unknown: unknown.names };
      },
    });
  },
};
