/**
 * Lines of a backup. Samples are as `export` writes them; every other line has a field `backup` with its kind. A reader of
 * samples skips such lines.
 */
import { z } from "zod";
import { BACKUP_PREFIX, type ParsedLine, parseSampleLine } from "../model/sample-line.ts";

const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const name = z.string().min(1).max(64);
const base64 = z.string().regex(/^[A-Za-z0-9+/]*={0,2}$/);
const fields = z.record(z.string().max(100), z.string());

/** The detector's state of a network as it was committed, with the newest view. */
const state = z.object({
  backup: z.literal("state"),
  network: name,
  version: count,
  tick: count,
  /** Identity of the state's history: a new one begins when Redis lost everything. */
  lineage: z.string().regex(/^[0-9a-f]{16}$/),
  configHash: z.string().max(200),
  generation: count,
  /** Deflated. */
  bytes: base64,
  view: z.string(),
});
/** The rows of a tick exactly as the store keeps them. The samples beside them are for readers. */
const rows = z.object({
  backup: z.literal("rows"),
  network: name,
  tick: count,
  fields: z.record(z.string(), z.string()),
});
/** All revisions of an alert, as the store keeps them. */
const alert = z.object({
  backup: z.literal("alert"),
  network: name,
  id: z.string().min(1).max(200),
  /** Data time of its newest event, ms. */
  score: count,
  fields,
  /** Evidence of the newest revision, deflated; empty when unknown. */
  bundle: base64,
});
/** Silences by id. */
const silences = z.object({ backup: z.literal("silences"), fields });
/** Everything through this tick was written above: rows, and alerts that changed. */
const place = z.object({ backup: z.literal("place"), network: name, version: count, tick: count });

const backupLine = z.discriminatedUnion("backup", [state, rows, alert, silences, place]);

export type BackupLine = z.infer<typeof backupLine>;
export type StateLine = z.infer<typeof state>;
export type AlertLine = z.infer<typeof alert>;
export type RowsLine = z.infer<typeof rows>;
export type PlaceLine = z.infer<typeof place>;

export type ReadLine =
  | { readonly kind: "backup"; readonly line: BackupLine }
  | { readonly kind: "sample"; readonly parsed: Extract<ParsedLine, { ok: true }> }
  | { readonly kind: "unusable"; readonly why: string };

export function formatBackupLine(line: BackupLine): string {
  const { backup, ...rest } = line;
  return `${JSON.stringify({ backup, ...rest })}\n`;
}

/** Reads one line. Never throws. */
export function readBackupLine(text: string): ReadLine {
  if (!text.startsWith(BACKUP_PREFIX)) {
    const parsed = parseSampleLine(text);
    return parsed.ok ? { kind: "sample", parsed } : { kind: "unusable", why: parsed.why };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "unusable", why: "not JSON" };
  }
  const line = backupLine.safeParse(value);
  if (line.success) return { kind: "backup", line: line.data };
  return { kind: "unusable", why: line.error.issues[0]?.message ?? "not as documented" };
}
