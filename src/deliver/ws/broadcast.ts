/**
 * Says one thing to every connection. One at a time and in order, in slices with the event loop let through between
 * them: 10,000 sends in one go would hold up everything else for a tenth of a second.
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

  /** Each job sees every connection that is open when its turn comes; it says itself which of them it is for. */
  enqueue(deliver: Deliver): void {
    this.#jobs.push(deliver);
    this.#running ??= this.#drain();
  }

  /** Whether something is on its way to the connections. */
  get busy(): boolean {
    return this.#running !== null;
  }

  /** Resolves when everything that was enqueued has been handed to the sockets. */
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
