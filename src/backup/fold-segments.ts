/** Reads segments of a backup into the newest restorable state of each network. */
import { messageOf } from "../model/errors.ts";
import { type AlertLine, type RowsLine, readBackupLine, type StateLine } from "./backup-line.ts";
import type { Segments } from "./segments.ts";

/** Number of newest segments that are read. Each begins with a whole snapshot; several are read in case the newest is damaged. */
const SEGMENTS_READ = 6;

/** What a network is restored from. */
export interface FoldedNetwork {
  readonly state: StateLine;
  /** Of the ticks after the state's, in order. */
  readonly rows: readonly RowsLine[];
  readonly alerts: readonly AlertLine[];
  readonly silences: Readonly<Record<string, string>>;
  /** How far rows and alerts reach. */
  readonly version: number;
  readonly tick: number;
}

interface Folding {
  state: StateLine | null;
  readonly rows: RowsLine[];
  readonly alerts: Map<string, AlertLine>;
  version: number;
  tick: number;
}

/**
 * The newest state of each network that any of the newest segments contains.
 * @param onSkipped called once for each segment with unusable lines
 */
export async function foldSegments(
  segments: Segments,
  onSkipped: (segment: string, lines: number, why: string) => void,
): Promise<ReadonlyMap<string, FoldedNetwork>> {
  const best = new Map<string, FoldedNetwork>();
  for (const name of (await segments.list()).slice(0, SEGMENTS_READ)) {
    let skipped = 0;
    let firstWhy = "";
    const skip = (why: string): void => {
      skipped++;
      firstWhy ||= why;
    };
    // An unreadable segment is skipped; the others are read.
    const folded = await foldSegment(segments, name, skip).catch((error: unknown) => {
      skip(messageOf(error));
      return new Map<string, FoldedNetwork>();
    });
    if (skipped > 0) onSkipped(name, skipped, firstWhy);
    for (const [network, found] of folded) {
      if (found.version > (best.get(network)?.version ?? 0)) best.set(network, found);
    }
  }
  return best;
}

async function foldSegment(
  segments: Segments,
  name: string,
  skip: (why: string) => void,
): Promise<Map<string, FoldedNetwork>> {
  const networks = new Map<string, Folding>();
  let silences: Readonly<Record<string, string>> = {};
  // Lines since the last `place` count only when another `place` says that they are complete.
  const pending: { state: StateLine | null; rows: RowsLine[]; alerts: AlertLine[] } = {
    state: null,
    rows: [],
    alerts: [],
  };
  for await (const { text, isTorn } of segments.read(name)) {
    if (isTorn) {
      skip("the last line is cut off");
      break;
    }
    const read = readBackupLine(text);
    if (read.kind === "unusable") skip(read.why);
    if (read.kind !== "backup") continue;
    const { line } = read;
    if (line.backup === "silences") silences = line.fields;
    else if (line.backup === "state") pending.state = line;
    else if (line.backup === "rows") pending.rows.push(line);
    else if (line.backup === "alert") pending.alerts.push(line);
    else {
      const known = networks.get(line.network);
      const folding: Folding = known ?? { state: null, rows: [], alerts: new Map(), version: 0, tick: 0 };
      networks.set(line.network, folding);
      folding.state = pending.state ?? folding.state;
      folding.rows.push(...pending.rows.splice(0));
      for (const alert of pending.alerts.splice(0)) folding.alerts.set(alert.id, alert);
      folding.version = line.version;
      folding.tick = line.tick;
      pending.state = null;
    }
  }
  const folded = new Map<string, FoldedNetwork>();
  for (const [network, each] of networks) {
    if (each.state !== null)
      folded.set(network, { ...each, state: each.state, alerts: [...each.alerts.values()], silences });
  }
  return folded;
}
