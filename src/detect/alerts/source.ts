/**
 * Alerts on sources. A source is stale when every row it feeds is frozen or silent. A network is blind when most of its rows
 * are.
 */

import type { AlertEvent } from "../../model/alert.ts";
import { isoTime } from "../../model/tick.ts";
import type { SourceVerdict } from "../../model/view.ts";
import type { SourceBundle } from "../evidence/scope-bundles.ts";
import { itemAt } from "../model/elements.ts";
import { REST } from "../model/score-model.ts";
import { type GateRow, isOverdue, isStale, wasActive } from "../quality/gate.ts";
import type { SourceAlert } from "../state/alert-state.ts";
import type { DetectorState } from "../state/state.ts";
import type { TickContext } from "../state/tick-context.ts";
import { eventBase, nextId } from "./events.ts";

/** A network becomes blind when this part of its active rows is overdue at once, and sees again under the second value. */
const BLIND_PART = 0.6;
const SEES_PART = 0.4;

/** Rows by source. A row without a source is counted to its pool. */
export function rowsBySource(state: DetectorState): Map<string, number[]> {
  const found = new Map<string, number[]>();
  state.gate.forEach((gate, row) => {
    if (gate.firstAt === 0 || itemAt(state.rows, row).region === REST) return;
    const rows = found.get(gate.source);
    if (rows) rows.push(row);
    else found.set(gate.source, [row]);
  });
  return found;
}

/** Whether every row that a source feeds is stale. */
function allStale(state: DetectorState, rows: readonly number[]): boolean {
  return rows.every((row) => isStale(itemAt(state.gate, row), state.at));
}

export function sourceVerdicts(state: DetectorState): SourceVerdict[] {
  return [...rowsBySource(state)]
    .map(([source, rows]): SourceVerdict => {
      const frozen = rows.every((row) => itemAt(state.gate, row).frozen);
      return { source, verdict: state.blind ? "blind" : frozen || allStale(state, rows) ? "stale" : "ok" };
    })
    .sort((x, y) => (x.source < y.source ? -1 : 1));
}

function sourceEvent(context: TickContext, alert: SourceAlert, type: AlertEvent["type"]): AlertEvent {
  return { ...eventBase(context, alert, "source", type), source: alert.source, verdict: alert.verdict };
}

/** The state of the rows of a source, for its bundle; of all rows when it is null. */
function rowFacts(state: DetectorState, source: string | null): SourceBundle["rows"] {
  return state.gate.flatMap((gate, row) => {
    if (gate.firstAt === 0 || itemAt(state.rows, row).region === REST) return [];
    if (source !== null && gate.source !== source) return [];
    const { acceptedAt, seenAt, frozen, refusal } = gate;
    return [{ ...itemAt(state.rows, row), acceptedAt, seenAt, frozen, refusal }];
  });
}

function openAlert(context: TickContext, source: string | null, verdict: SourceAlert["verdict"], since: number): void {
  const alert: SourceAlert = {
    scope: "source",
    id: nextId(context, "source"),
    revision: 1,
    severity: verdict === "blind" ? "critical" : "info",
    openedAt: context.at,
    startedAt: since,
    startedAtLow: since,
    startedAtHigh: since,
    updatedAt: context.at,
    ending: 0,
    source,
    verdict,
  };
  context.state.alerts.push(alert);
  const event = sourceEvent(context, alert, "opened");
  context.events.push(event);
  const bundle: SourceBundle = { kind: "source", event, rows: rowFacts(context.state, source) };
  context.bundles.push({ id: alert.id, revision: alert.revision, bundle });
}

function close(context: TickContext, alert: SourceAlert): void {
  context.state.alerts = context.state.alerts.filter((entry) => entry !== alert);
  alert.revision += 1;
  context.events.push({
    ...sourceEvent(context, alert, "resolved"),
    endedAt: isoTime(context.at),
    resolution: "recovered",
  });
}

/** Rows that count for blindness, and those of them that are overdue. */
function silentRows({ state, at, compiled }: TickContext): { readonly active: number; readonly overdue: GateRow[] } {
  const since = state.blind ? state.blindSince : at;
  const overdue: GateRow[] = [];
  let active = 0;
  for (const [row, gate] of state.gate.entries()) {
    // A rest is computed, not published: it is missing when any of its parts is.
    if (itemAt(state.rows, row).region === REST || !wasActive(gate, at, since)) continue;
    active += 1;
    if (isOverdue(gate, at, compiled.intervalMs)) overdue.push(gate);
  }
  return { active, overdue };
}

/** Follows blindness, during which the detector is frozen. Returns whether the network is blind now. */
export function followBlindness(context: TickContext, feedSilent: boolean): boolean {
  const { state, at, compiled } = context;
  const { active, overdue } = silentRows(context);
  const part = active === 0 ? (feedSilent ? 1 : 0) : overdue.length / active;
  const few = active < 2 && !feedSilent;
  const blind = state.blind ? part > SEES_PART : !few && part >= BLIND_PART;
  if (blind !== state.blind) {
    state.blind = blind;
    const open = state.alerts.find((alert): alert is SourceAlert => alert.scope === "source" && alert.source === null);
    if (blind) {
      const newest = Math.max(0, ...overdue.map((gate) => gate.acceptedAt));
      state.blindSince = newest > 0 ? newest + compiled.intervalMs : at;
      openAlert(context, null, "blind", state.blindSince);
    } else if (open) close(context, open);
  }
  return blind;
}

/** Opens and closes one alert for each stale source. */
export function followSources(context: TickContext): void {
  const { state } = context;
  const open = state.alerts.some((alert) => alert.scope === "source" && alert.source !== null);
  // The usual case: nothing is stale, and nothing was.
  if (!open && !state.gate.some((gate) => gate.firstAt > 0 && isStale(gate, state.at))) return;
  const verdicts = new Map(sourceVerdicts(state).map((entry) => [entry.source, entry.verdict]));
  for (const alert of [...state.alerts]) {
    if (alert.scope !== "source" || alert.source === null) continue;
    if (verdicts.get(alert.source) !== "stale") close(context, alert);
  }
  const known = new Set(state.alerts.flatMap((alert) => (alert.scope === "source" ? [alert.source] : [])));
  for (const [source, rows] of [...rowsBySource(state)].sort(([x], [y]) => (x < y ? -1 : 1))) {
    if (known.has(source) || !allStale(state, rows)) continue;
    openAlert(
      context,
      source,
      "stale",
      Math.max(...rows.map((row) => itemAt(state.gate, row).acceptedAt || itemAt(state.gate, row).firstAt)),
    );
  }
}
