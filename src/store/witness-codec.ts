/** Encodes a witness's fact in the hash of its tick: its subject in the name, its content in the value. */
import { type Fact, factRegion } from "../model/fact.ts";
import type { WitnessSample } from "../model/sample.ts";

const time36 = (at: number | undefined): string => (at === undefined ? "" : at.toString(36));
const fromTime36 = (text: string): number => Number.parseInt(text, 36);
const amount = (value: number | null): string => (value === null ? "" : String(value));
const amountOf = (text: string | undefined): number | null => (text ? Number(text) : null);

/** Parts of the row's name after its mark: witness, kind, region, and which of several of that kind. */
export function witnessName({ source, fact }: WitnessSample): string[] {
  return [source, fact.kind, factRegion(fact) ?? "", whichOf(fact)];
}

function whichOf(fact: Fact): string {
  switch (fact.kind) {
    case "connectivity":
      return fact.signal;
    case "outage":
      return time36(fact.from);
    case "miners":
      return fact.pool;
    default:
      return "";
  }
}

function factValue(fact: Fact): string[] {
  switch (fact.kind) {
    case "connectivity":
      return [String(fact.ratio), time36(fact.at)];
    case "outage":
      // Text from outside may contain the comma that separates the values.
      return [encodeURIComponent(fact.cause ?? ""), time36(fact.to)];
    case "grid":
      return [amount(fact.emergencyLevel), amount(fact.usdPerMegawattHour), time36(fact.at)];
    case "miners":
      return [String(fact.count), amount(fact.ratio), time36(fact.at)];
    case "price":
      return [String(fact.usd), encodeURIComponent(fact.of.join("+")), time36(fact.at)];
  }
}

/** The row's value. Its `at` is left out where it equals `tick`. Never empty: an empty value marks a moved row. */
export function witnessValue(row: WitnessSample, tick: number): string {
  const { at, backfilled, fact } = row;
  return [at === tick ? "" : time36(at), backfilled ? "1" : "", ...factValue(fact)].join(",");
}

function factOf(kind: string, region: string, which: string, values: readonly string[]): Fact | null {
  const [first = "", second = "", third = ""] = values;
  switch (kind) {
    case "connectivity":
      return { kind, region, signal: which, ratio: Number(first), at: fromTime36(second) };
    case "outage": {
      const cause = first === "" ? null : decodeURIComponent(first);
      return { kind, region, cause, from: fromTime36(which), ...(second ? { to: fromTime36(second) } : {}) };
    }
    case "grid":
      return {
        kind,
        region,
        emergencyLevel: amountOf(first),
        usdPerMegawattHour: amountOf(second),
        at: fromTime36(third),
      };
    case "miners":
      return { kind, region, pool: which, count: Number(first), ratio: amountOf(second), at: fromTime36(third) };
    case "price":
      return {
        kind,
        usd: Number(first),
        of: second ? decodeURIComponent(second).split("+") : [],
        at: fromTime36(third),
      };
    default:
      return null;
  }
}

/** Decodes a row; null for a kind that only a later version knows. */
export function readWitness(name: readonly string[], value: string, tick: number): WitnessSample | null {
  const [source = "", kind = "", region = "", which = ""] = name;
  const [at = "", backfilled, ...values] = value.split(",");
  const fact = factOf(kind, region, which, values);
  if (fact === null) return null;
  const seen = at === "" ? tick : fromTime36(at);
  return { kind: "witness", at: seen, source, fact, ...(backfilled === "1" ? { backfilled: true } : {}) };
}
