/** Keeps the newest view of every network in memory, and reports when one changed or became stale. */
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "pino";
import type { NetworkConfig } from "../config/resolve/resolved.ts";
import type { Clocks } from "../model/clock.ts";
import { messageOf } from "../model/errors.ts";
import type { SourceHealth } from "../model/source-health.ts";
import type { NetworkStatus, NetworkView } from "../model/view.ts";
import type { ViewStore } from "../store/contract.ts";
import type { SourceHealthStore } from "../store/source-health.ts";
import { within } from "./within.ts";

export interface ViewListener {
  onView?(view: NetworkView): void;
  onStatus?(status: NetworkStatus): void;
}

const POLL_MS = 500;
/** A network is degraded when its newest tick is older than this many intervals: its alerts would be late. */
const OVERDUE_INTERVALS = 3;
/** Real time that polling and deciding may take in addition, ms: in a demo an interval may pass in a second. */
const OVERDUE_SLACK_MS = 5000;
/** The network is degraded when the store does not answer for this long, ms. */
const ANSWER_MS = 4000;

export class ViewFeed {
  readonly #networks: () => readonly NetworkConfig[];
  readonly #views: ViewStore;
  readonly #clocks: Clocks;
  readonly #logger: Logger;
  readonly #listeners = new Set<ViewListener>();
  readonly #current = new Map<string, NetworkView>();
  readonly #status = new Map<string, NetworkStatus>();
  readonly #sourceHealth: SourceHealthStore | undefined;
  readonly #health = new Map<string, ReadonlyMap<string, SourceHealth>>();
  readonly #stop = new AbortController();
  #failing: string | null = null;
  #running: Promise<void> | null = null;
  #wake: AbortController | null = null;

  constructor(deps: {
    networks: () => readonly NetworkConfig[];
    views: ViewStore;
    /** Absent: the health of sources is not known. */
    sourceHealth?: SourceHealthStore | undefined;
    clocks: Clocks;
    logger: Logger;
  }) {
    this.#sourceHealth = deps.sourceHealth;
    this.#networks = deps.networks;
    this.#views = deps.views;
    this.#clocks = deps.clocks;
    this.#logger = deps.logger;
  }

  current(network: string): NetworkView | undefined {
    return this.#current.get(network);
  }

  /** Health of a network's sources and witnesses, by source; empty before the first poll. */
  health(network: string): ReadonlyMap<string, SourceHealth> {
    return this.#health.get(network) ?? new Map();
  }

  status(network: string): NetworkStatus {
    return this.#status.get(network) ?? { network, state: "warming", why: "no tick was decided yet" };
  }

  listen(listener: ViewListener): void {
    this.#listeners.add(listener);
  }

  /** Reads the views now instead of at the next turn, because an alert means that a view changed. */
  refresh(): void {
    this.#wake?.abort();
  }

  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#wake?.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#look();
      this.#wake = new AbortController();
      if (this.#stop.signal.aborted) return;
      await delay(POLL_MS, undefined, { signal: this.#wake.signal }).catch(() => {});
    }
  }

  async #look(): Promise<void> {
    const networks = this.#networks();
    const names = new Set(networks.map((network) => network.name));
    for (const gone of [...this.#current.keys()].filter((name) => !names.has(name))) {
      this.#current.delete(gone);
      this.#status.delete(gone);
    }
    try {
      for (const { name } of networks) {
        const view = await within(ANSWER_MS, () => this.#views.current(name));
        if (view && view.at !== this.#current.get(name)?.at) {
          this.#current.set(name, view);
          for (const listener of this.#listeners) listener.onView?.(view);
        }
        const health = this.#sourceHealth;
        if (health !== undefined) this.#health.set(name, await within(ANSWER_MS, () => health.read(name)));
      }
      this.#failing = null;
    } catch (error) {
      if (this.#failing === null) this.#logger.warn({ why: messageOf(error) }, "views cannot be read; trying again");
      this.#failing = messageOf(error);
    }
    for (const network of networks) this.#tell(this.#judge(network));
  }

  /** Set when every source fails: the network is then blind, whatever the detector still waits for. */
  #silence({ name: network, sources, senders = [] }: NetworkConfig): NetworkStatus | null {
    const all = sources.flatMap(({ id }) => this.health(network).get(id) ?? []);
    if (senders.length > 0 || all.length === 0 || all.some(({ state }) => state !== "failing")) return null;
    const [first] = all;
    const why = `no source answers: ${first?.source} says ${first?.class}, ${first?.error}`;
    return { network, state: "blind", why };
  }

  #judge(config: NetworkConfig): NetworkStatus {
    const { name: network, intervalMs } = config;
    const view = this.#current.get(network);
    if (this.#failing !== null) return { network, state: "degraded", why: "the store does not answer" };
    const silence = this.#silence(config);
    if (silence !== null) return silence;
    if (!view) return { network, state: "warming", why: "no tick was decided yet" };
    const allowed = OVERDUE_INTERVALS * intervalMs + OVERDUE_SLACK_MS * this.#clocks.speed;
    if (this.#clocks.data.now() - view.at > allowed && view.state !== "blind")
      return { network, state: "degraded", why: "the newest tick is overdue" };
    return view.warmAt === undefined
      ? { network, state: view.state }
      : { network, state: view.state, warmAt: view.warmAt };
  }

  #tell(status: NetworkStatus): void {
    const before = this.#status.get(status.network);
    if (before?.state === status.state && before.why === status.why && before.warmAt === status.warmAt) return;
    this.#status.set(status.network, status);
    for (const listener of this.#listeners) listener.onStatus?.(status);
  }
}
