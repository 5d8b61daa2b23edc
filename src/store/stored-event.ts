/** Encodes alert events for the store, and decodes them with their cursor and latencies. */
import type { AlertEvent, DeliveredAlert } from "../model/alert.ts";
import { formatCursor } from "../model/cursor.ts";
import { isoTime } from "../model/tick.ts";

interface StoredEvent {
  /** Id in the log. */
  readonly entry: string;
  /** Real times, ms, as text; empty or 0 when unknown. */
  readonly sampledAt: string;
  readonly detectedAt: string;
  readonly publishedAt: string;
  readonly json: string;
}

function deliver(epoch: string, stored: StoredEvent): DeliveredAlert {
  const event = JSON.parse(stored.json) as AlertEvent;
  const times = { sampledAt: stored.sampledAt, detectedAt: stored.detectedAt, publishedAt: stored.publishedAt };
  const known = Object.entries(times).filter(([, ms]) => Number(ms) > 0);
  const latency = Object.fromEntries(known.map(([name, ms]) => [name, isoTime(Number(ms))]));
  return { ...event, cursor: formatCursor({ epoch, id: stored.entry }), latency };
}

/** An entry of the log: id, and its fields e, s, d, p with their values; t too, where its tick was traced. */
export function fromLogEntry(epoch: string, [entry, fields]: [string, string[]]): DeliveredAlert {
  const [, json = "", , sampledAt = "", , detectedAt = "", , publishedAt = "", , traceparent] = fields;
  const alert = deliver(epoch, { entry, sampledAt, detectedAt, publishedAt, json });
  return traceparent === undefined ? alert : { ...alert, traceparent };
}

/** A revision in an alert's record: `entry|sampledAt|detectedAt|publishedAt|json`. */
export function fromRecord(epoch: string, text: string): DeliveredAlert {
  const match = /^([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|(.*)$/s.exec(text);
  if (!match) throw new Error("a stored alert event is unreadable");
  const [, entry = "", sampledAt = "", detectedAt = "", publishedAt = "", json = ""] = match;
  return deliver(epoch, { entry, sampledAt, detectedAt, publishedAt, json });
}
