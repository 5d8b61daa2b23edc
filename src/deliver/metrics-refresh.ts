/** Writes the state of the feeds to the gauges, and updates ages in between. */
import type { NetworkConfig } from "../config/resolve/resolved.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { GaugeRefresh } from "../metrics/refresh.ts";
import type { Clocks } from "../model/clock.ts";
import type { AlertFeed } from "./alert-feed.ts";
import type { ViewFeed } from "./view-feed.ts";

const REFRESH_MS = 1000;

export interface MetricsRefreshDeps {
  readonly networks: () => readonly NetworkConfig[];
  readonly feed: AlertFeed;
  readonly views: ViewFeed;
  readonly metrics: Metrics;
  readonly clocks: Clocks;
}

export class MetricsRefresh {
  readonly #deps: MetricsRefreshDeps;
  readonly #gauges: GaugeRefresh;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: MetricsRefreshDeps) {
    this.#deps = deps;
    this.#gauges = new GaugeRefresh(deps.metrics);
    deps.views.listen({
      onView: (view) => this.#gauges.view(view),
      onStatus: ({ network, state }) => this.#gauges.state(network, state),
    });
    deps.feed.listen({
      onNewEpoch: () => this.#showOpen(),
      onEvent: ({ event }) => {
        this.#gauges.delivered(event, deps.clocks.real.now());
        this.#showOpen();
      },
    });
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#gauges.retain(this.#deps.networks());
      this.#gauges.ages(this.#deps.clocks.data.now());
      this.#showOpen();
    }, REFRESH_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #showOpen(): void {
    const { openAlerts } = this.#deps.feed;
    if (openAlerts) this.#gauges.openAlerts(this.#deps.networks(), openAlerts.snapshot({}));
  }
}
