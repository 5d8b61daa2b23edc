/**
 * Lines of witnesses, beside those of pools: `witness` says what kind of fact it is.
 * `{"at":"2022-01-05T10:50:00Z","source":"ioda","witness":"connectivity","region":"KZ","signal":"BGP visibility",
 *   "ratio":0.42,"observedAt":"2022-01-05T10:40:00Z"}`
 */
import { type Fact, factFault } from "./fact.ts";
import { isName, parseTime, type Refusal, refuse, shown } from "./line-parts.ts";
import type { WitnessSample } from "./sample.ts";
import { isoTime } from "./tick.ts";

type Fields = Readonly<Record<string, unknown>>;

/** The fact as the line says it, not yet judged; null for a kind that there is not. */
function factOf(row: Fields): Fact | null {
  const region = row.region as string;
  const at = parseTime(row.observedAt);
  switch (row.witness) {
    case "connectivity":
      return { kind: "connectivity", region, signal: row.signal as string, ratio: row.ratio as number, at };
    case "outage":
      return {
        kind: "outage",
        region,
        cause: (row.outageCause ?? null) as string | null,
        from: parseTime(row.from),
        ...(row.to === undefined ? {} : { to: parseTime(row.to) }),
      };
    case "grid":
      return {
        kind: "grid",
        region,
        emergencyLevel: (row.emergencyLevel ?? null) as number | null,
        usdPerMegawattHour: (row.usdPerMegawattHour ?? null) as number | null,
        at,
      };
    case "miners":
      return {
        kind: "miners",
        region,
        pool: row.pool as string,
        count: row.miners as number,
        ratio: (row.ratio ?? null) as number | null,
        at,
      };
    case "price":
      return { kind: "price", usd: row.usd as number, of: Array.isArray(row.of) ? row.of : [], at };
    default:
      return null;
  }
}

/** Reads the fields of a line that has `witness`. */
export function parseWitness(row: Fields): WitnessSample | Refusal {
  const at = parseTime(row.at);
  if (!Number.isFinite(at)) return refuse("time", `"at" is ${shown(row.at)}; expected ISO 8601 with a zone`);
  const { source, backfilled } = row;
  if (!isName(source, 64)) {
    return refuse("field", `"source" is ${shown(source)}; expected a name of 1 to 64 printable characters`);
  }
  const fact = factOf(row);
  if (fact === null) {
    return refuse("witness", `"witness" is ${shown(row.witness)}; one of connectivity, outage, grid, price, miners`);
  }
  const fault = fact.kind !== "price" && typeof fact.region !== "string" ? '"region": a code like KZ' : factFault(fact);
  if (fault !== null) return refuse("witness", `a fact that cannot be used; expected ${fault}`);
  if (backfilled !== undefined && typeof backfilled !== "boolean") {
    return refuse("field", `"backfilled" is ${shown(backfilled)}; expected true or false`);
  }
  return { kind: "witness", at, source, fact, ...(backfilled === undefined ? {} : { backfilled }) };
}

const known = (name: string, value: number | string | null | undefined) =>
  value === null || value === undefined ? {} : { [name]: value };

/** The fields of a line; `parseWitness` reads them back to the same sample. */
export function witnessFields({ at, source, fact, backfilled }: WitnessSample): Fields {
  const head = { at: isoTime(at), source, witness: fact.kind };
  const tail = backfilled === undefined ? {} : { backfilled };
  if (fact.kind === "outage") {
    const { region, cause, from, to } = fact;
    const end = to === undefined ? {} : { to: isoTime(to) };
    return { ...head, region, ...known("outageCause", cause), from: isoTime(from), ...end, ...tail };
  }
  const seen = { observedAt: isoTime(fact.at), ...tail };
  if (fact.kind === "price") return { ...head, usd: fact.usd, of: fact.of, ...seen };
  if (fact.kind === "connectivity") {
    return { ...head, region: fact.region, signal: fact.signal, ratio: fact.ratio, ...seen };
  }
  if (fact.kind === "miners") {
    const { region, pool, count, ratio } = fact;
    return { ...head, region, pool, miners: count, ...known("ratio", ratio), ...seen };
  }
  const { region, emergencyLevel, usdPerMegawattHour } = fact;
  return {
    ...head,
    region,
    ...known("emergencyLevel", emergencyLevel),
    ...known("usdPerMegawattHour", usdPerMegawattHour),
    ...seen,
  };
}
