/**
 * Sends a message to every connection: one message at a time and in order, in slices between which the event loop runs.
 * 10,000 sends in one go would block everything else for a tenth of a second.
 */
import type { Connection } from "./connection.ts";

const SLICE = 250;

export type Deliver = (connection: Connection) => void;

export class Broadcaster {
  readonly #connections: ReadonlySet<Connection>;
  #jobs: Deliver[] = [];
  #running: Promise<void> | null = null;

  constructor(connections: ReadonlySet<Connection>) {
    this.#connections = connections;
  }

  /** Each job is called for every connection that is open at its turn, and selects its own recipients. */
  enqueue(deliver: Deliver): void {
    this.#jobs.push(deliver);
    this.#running ??= this.#drain();
  }

  /** Whether a message is being sent. */
  get busy(): boolean {
    return this.#running !== null;
  }

  /** Resolves when every enqueued message was handed to the sockets. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #drain(): Promise<void> {
    while (this.#jobs.length > 0) {
      const jobs = this.#jobs;
      this.#jobs = [];
      for (const deliver of jobs) await this.#deliver(deliver);
    }
    this.#running = null;
  }

  async #deliver(deliver: Deliver): Promise<void> {
    let inSlice = 0;
    for (const connection of this.#connections) {
      deliver(connection);
      inSlice += 1;
      if (inSlice % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
