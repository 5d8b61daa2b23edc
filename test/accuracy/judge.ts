/** Statements against what really happened: found, missed, wrong, false, how late, and how sure with what right. */
import type { Fall, Statement } from "./statement.ts";

const HOUR_MS = 3_600_000;
/** A region that is named later than this after the fall is complete has not been found. */
export const FIND_WITHIN_MS = 6 * HOUR_MS;
/** Averaging windows carry a fall on beyond its end; an alert that opens so soon after it still belongs to it. */
export const AFTERMATH_MS = 6 * HOUR_MS;
/** A candidate that counts as named among others. */
export const LISTED_PROBABILITY = 0.1;

/** How sure the most probable region of an alert was at opening, and whether it had fallen. */
export interface Opening {
  readonly stated: number;
  readonly right: boolean;
}

export interface Verdict {
  readonly falls: number;
  /** Falls whose region was named in time. */
  readonly named: number;
  /** Falls that were not named, but listed among the candidates of an ambiguous alert. */
  readonly listed: number;
  /** Alerts during a fall for a region that had not fallen. */
  readonly wrong: number;
  /** Alerts while nothing had fallen. */
  readonly false: number;
  /** Alerts for a region that had fallen, again or too late: neither right nor wrong. */
  readonly repeats: number;
  /** From the fall's first minute to the statement that names it, ms. */
  readonly delays: readonly number[];
  readonly openings: readonly Opening[];
}

/** The statements of each alert, in order. */
function alertsOf(statements: readonly Statement[]): Statement[][] {
  const byId = new Map<string, Statement[]>();
  for (const statement of statements) {
    const known = byId.get(statement.id);
    if (known === undefined) byId.set(statement.id, [statement]);
    else known.push(statement);
  }
  return [...byId.values()];
}

function under(falls: readonly Fall[], at: number): Fall[] {
  return falls.filter((fall) => at >= fall.start && at <= fall.end + AFTERMATH_MS);
}

function inTime(fall: Fall, at: number): boolean {
  return at >= fall.start && at <= Math.min(fall.end, fall.rampEnd + FIND_WITHIN_MS);
}

/** Which alert named the fall first; only alerts that opened because of it are asked. */
function finderOf(fall: Fall, alerts: readonly Statement[][]): { alert: Statement[]; at: number } | undefined {
  let first: { alert: Statement[]; at: number } | undefined;
  for (const alert of alerts) {
    if (!inTime(fall, alert[0]!.at)) continue;
    const naming = alert.find(
      ({ type, region, at }) => type !== "resolved" && region === fall.region && inTime(fall, at),
    );
    if (naming !== undefined && (first === undefined || naming.at < first.at)) first = { alert, at: naming.at };
  }
  return first;
}

function lists(alert: Statement, fall: Fall): boolean {
  return alert.candidates.some((each) => each.region === fall.region && each.probability >= LISTED_PROBABILITY);
}

function openingOf(first: Statement, falls: readonly Fall[]): Opening[] {
  const [top] = [...first.candidates].sort((a, b) => b.probability - a.probability);
  if (top === undefined) return [];
  return [{ stated: top.probability, right: under(falls, first.at).some(({ region }) => region === top.region) }];
}

/** Judges everything that one contestant said of one world. An alert finds at most one fall. */
export function judge(falls: readonly Fall[], statements: readonly Statement[]): Verdict {
  const alerts = alertsOf(statements);
  const spent = new Set<Statement[]>();
  const missed: Fall[] = [];
  const delays: number[] = [];
  for (const fall of falls) {
    const found = finderOf(
      fall,
      alerts.filter((alert) => !spent.has(alert)),
    );
    if (found === undefined) {
      missed.push(fall);
      continue;
    }
    spent.add(found.alert);
    delays.push(found.at - fall.start);
  }
  const count = { wrong: 0, false: 0, repeats: 0 };
  const listed = new Set<Fall>();
  for (const alert of alerts) {
    if (spent.has(alert)) continue;
    const first = alert[0]!;
    const happening = under(falls, first.at);
    const region = alert.find((each) => each.region !== null)?.region ?? null;
    const among = region === null ? happening.filter((fall) => lists(first, fall)) : [];
    for (const fall of among) if (missed.includes(fall) && inTime(fall, first.at)) listed.add(fall);
    if (happening.length === 0) count.false += 1;
    else if (among.length > 0 || happening.some((fall) => fall.region === region)) count.repeats += 1;
    else count.wrong += 1;
  }
  const openings = alerts.flatMap((alert) => openingOf(alert[0]!, falls));
  return { falls: falls.length, named: delays.length, listed: listed.size, ...count, delays, openings };
}
