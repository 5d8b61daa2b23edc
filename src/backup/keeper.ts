/**
 * Keeps a backup of the detector's state and restores it when Redis has lost it: after a flush, a lost volume, or an empty
 * server at the same address. A loss is noticed before anything is decided.
 */
import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import type { Clock } from "../model/clock.ts";
import { HashfallError, messageOf } from "../model/errors.ts";
import { isoTime } from "../model/tick.ts";
import { every } from "../runtime/every.ts";
import { stopWithin } from "../runtime/stop-within.ts";
import type { StateStore } from "../store/contract.ts";
import {
  type CaptureDeps,
  captureSilences,
  captureSince,
  captureState,
  nameLineage,
  type Place,
  readPlace,
} from "./capture.ts";
import { type FoldedNetwork, foldSegments } from "./fold-segments.ts";
import { openAlertsOf, restoreRows, restoreState } from "./restore.ts";
import { Segments } from "./segments.ts";

export interface BackupOptions {
  readonly folder: string;
  /** Most bytes of all segments together. */
  readonly maxBytes: number;
  /** Ticks of any network in one segment. Each segment begins with a snapshot. */
  readonly segmentTicks: number;
  readonly networks: () => readonly string[];
  readonly everyMs?: number;
}

export interface BackupDeps extends CaptureDeps {
  readonly states: StateStore;
  /** Real time, for the names of segments. */
  readonly real: Clock;
  /** Data time, for messages about a loss. */
  readonly data: Clock;
  readonly logger: Logger;
}

export interface BackupKeeper {
  /** The store's states. A loss is repaired before a state is returned. */
  readonly states: StateStore;
  /** What is wrong with the backup; null while it works. */
  warning(): string | null;
  /** Saves what is unsaved, and closes the segment. */
  stop(): Promise<void>;
}

const EVERY_MS = 1_000;
/** Least number of segments in the ring, which limits the size of each. */
const LEAST_SEGMENTS = 8;
/** Attempts of a restore: another process may write meanwhile. */
const RESTORE_TRIES = 5;
const SHOWN_IDS = 20;
/** Deadline of the last save at a stop, ms: Redis may be away. */
const LAST_LOOK_MS = 1_000;

/**
 * Reads the backup of an earlier process in the folder, restores it when Redis has lost the state, and keeps the backup from then on.
 *
 * @throws `HashfallError` BACKUP_UNWRITABLE when the folder cannot be used
 */
export async function keepBackup(options: BackupOptions, deps: BackupDeps): Promise<BackupKeeper> {
  const keeper = new Keeper(options, deps);
  await keeper.begin();
  const repeating = every(options.everyMs ?? EVERY_MS, () => keeper.look(), { name: "backup", logger: deps.logger });
  return {
    states: keeper.guarded(),
    warning: () => keeper.warning,
    async stop() {
      await repeating.stop();
      await stopWithin(() => keeper.look().catch(() => undefined), LAST_LOOK_MS);
      await keeper.close();
    },
  };
}

class Keeper {
  readonly #options: BackupOptions;
  readonly #deps: BackupDeps;
  readonly #segments: Segments;
  /** How far the backup reaches. */
  readonly #known = new Map<string, Place>();
  /** Networks whose snapshot heads the segment that is being written. */
  readonly #inSegment = new Set<string>();
  /** Ticks in that segment. */
  #ticks = 0;
  /** Runs work that reads or changes the places one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  warning: string | null = null;

  constructor(options: BackupOptions, deps: BackupDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#segments = new Segments(options);
  }

  async begin(): Promise<void> {
    const { folder } = this.#options;
    try {
      await this.#segments.prepare();
    } catch (error) {
      throw new HashfallError(
        "BACKUP_UNWRITABLE",
        `the folder ${folder} of retention.backup cannot be used (${messageOf(error)}); name one that this user may write`,
        { cause: error },
      );
    }
    for (const [network, { version, tick, state }] of await this.#fold())
      this.#known.set(network, { version, tick, lineage: state.lineage });
    await this.look();
  }

  guarded(): StateStore {
    const { states } = this.#deps;
    return {
      load: async (network, keptCommitId) => {
        const stored = await states.load(network, keptCommitId);
        if (stored.version >= (this.#known.get(network)?.version ?? 0)) return stored;
        await this.#alone(() => this.#recoverWhatIsLost(network));
        return states.load(network);
      },
      commit: async (commit) => {
        const result = await states.commit(commit);
        // Published alerts are saved at once. A failure is reported by the next save.
        if (result === "committed") void this.look().catch(() => undefined);
        return result;
      },
    };
  }

  /** Restores what was lost, and saves what is new. */
  look(): Promise<void> {
    return this.#alone(async () => {
      const networks = this.#options.networks();
      for (const network of networks) await this.#recoverWhatIsLost(network);
      try {
        if (this.#isSegmentDone(networks)) await this.#beginSegment(networks);
        else await this.#append(networks);
        this.warning = null;
      } catch (error) {
        const why = `the backup in ${this.#options.folder} is not kept: ${messageOf(error)}`;
        if (this.warning === null) this.#deps.logger.error({ err: error }, why);
        this.warning = why;
      }
    });
  }

  close(): Promise<void> {
    return this.#alone(() => this.#segments.close());
  }

  #alone<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(task, task);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  #fold(): Promise<ReadonlyMap<string, FoldedNetwork>> {
    return foldSegments(this.#segments, (segment, lines, why) =>
      this.#deps.logger.warn({ segment, lines, why }, "lines of the backup were skipped"),
    );
  }

  #isSegmentDone(networks: readonly string[]): boolean {
    const { maxBytes, segmentTicks } = this.#options;
    const { bytes } = this.#segments;
    if (bytes === 0) return true;
    if (this.#ticks > 0 && (bytes > maxBytes / LEAST_SEGMENTS || this.#ticks >= segmentTicks * this.#inSegment.size))
      return true;
    return networks.some((network) => this.#known.has(network) && !this.#inSegment.has(network));
  }

  async #beginSegment(networks: readonly string[]): Promise<void> {
    const places = new Map<string, Place>();
    let head = "";
    for (const network of networks) {
      const place = await readPlace(network, this.#deps);
      const known = this.#known.get(network);
      if (place.version === 0) continue;
      // Restored rows are decided again. Until then the older segment knows more.
      if (known !== undefined && known.lineage === place.lineage && place.tick < known.tick) return;
      if (place.lineage === "") await nameLineage(network, randomBytes(8).toString("hex"), this.#deps);
      const captured = await captureState(network, this.#deps);
      if (captured === null) return;
      head += captured.text;
      places.set(network, captured.place);
    }
    if (places.size === 0) return;
    const { maxBytes } = this.#options;
    const whole = (await captureSilences(this.#deps)) + head;
    if (Buffer.byteLength(whole) > maxBytes / 2) {
      const megabytes = Math.ceil((2 * Buffer.byteLength(whole)) / 1e6);
      throw new Error(`a snapshot takes more than half of retention.backup.megabytes; allow at least ${megabytes}`);
    }
    await this.#segments.begin(whole, this.#deps.real.now());
    this.#ticks = 0;
    this.#inSegment.clear();
    for (const [network, place] of places) {
      this.#inSegment.add(network);
      this.#known.set(network, place);
    }
  }

  async #append(networks: readonly string[]): Promise<void> {
    for (const network of networks) {
      const known = this.#known.get(network);
      const place = await readPlace(network, this.#deps);
      if (known === undefined && place.version === 0) continue;
      if (known === undefined || place.lineage !== known.lineage) {
        // Another history of the state, or a new network: the next segment begins with a snapshot of it.
        this.#known.set(network, place);
        this.#inSegment.delete(network);
        continue;
      }
      if (place.version <= known.version) continue;
      const captured = await captureSince(network, known, this.#deps);
      if (captured === null) continue;
      await this.#segments.append(captured.text);
      this.#ticks += 1;
      this.#known.set(network, captured.place);
    }
  }

  async #recoverWhatIsLost(network: string): Promise<void> {
    const { logger } = this.#deps;
    for (let n = 0; n < RESTORE_TRIES; n++) {
      const known = this.#known.get(network);
      const found = await readPlace(network, this.#deps);
      if (known === undefined || found.version >= known.version) return;
      await this.#segments.close();
      const folded = (await this.#fold()).get(network);
      if (folded === undefined || folded.version <= found.version) {
        logger.error({ network, folder: this.#options.folder }, "Redis lost what it knew, and no backup of it is left");
        this.#known.set(network, found);
        return;
      }
      const place = await this.#putBack(network, folded, found).catch((error: unknown) => {
        if (!(error instanceof HashfallError && error.code === "BACKUP_DAMAGED")) throw error;
        logger.error({ network, err: error }, "Redis lost what it knew, and its backup is damaged");
        return found;
      });
      if (place !== null) {
        this.#known.set(network, place);
        return;
      }
    }
    throw new Error(`${network}: Redis changed ${RESTORE_TRIES} times while its backup was put back`);
  }

  /** Returns how far the backup reaches; null when Redis changed meanwhile. */
  async #putBack(network: string, folded: FoldedNetwork, found: Place): Promise<Place | null> {
    const { logger, data } = this.#deps;
    const { tick, state } = folded;
    const isRolledBack = found.lineage === state.lineage;
    if (isRolledBack) {
      await restoreRows(network, folded, { all: false }, this.#deps);
      logger.error(
        { network, decidedThrough: isoTime(found.tick), rowsThrough: isoTime(tick) },
        `Redis lost its newest commits of ${network}; the backup's rows are put back, and decided again`,
      );
      return { ...found, tick };
    }
    await restoreRows(network, folded, { all: true }, this.#deps);
    const place = await restoreState(network, folded, found, this.#deps);
    if (place === null) return null;
    const open = openAlertsOf(folded);
    logger.error(
      {
        network,
        stateOf: isoTime(state.tick),
        rowsThrough: isoTime(tick),
        openAlerts: open.slice(0, SHOWN_IDS),
        openCount: open.length,
        lost: { from: isoTime(tick), to: isoTime(data.now()) },
      },
      `Redis lost everything of ${network}; it is restored from the backup. Lost for good: rows after ${isoTime(tick)}, ` +
        `charts and ended alerts of the time before ${isoTime(state.tick)}, and messages that waited to be sent`,
    );
    return { ...place, tick };
  }
}
