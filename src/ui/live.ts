/** What the WebSocket tells, put into the state. */
import { connect } from "../client/client.ts";
import type { DeliveredAlert } from "../model/alert.ts";
import { storedToken } from "./api.ts";
import type { State } from "./state.ts";

/** Called when the state has changed, with what part of it did. */
export interface LiveChanges {
  alert(alert: DeliveredAlert): void;
  /** All open alerts anew. */
  alerts(): void;
  regions(): void;
  status(): void;
  connection(): void;
}

/** Longest wait between two attempts: a person is looking. */
const LONGEST_WAIT_MS = 5000;

/** Follows until the page is left. */
export function goLive(state: State, changed: LiveChanges): void {
  const { protocol, host } = location;
  const url = `${protocol === "https:" ? "wss" : "ws"}://${host}/ws`;
  connect(
    { url, token: storedToken(), alerts: {}, regions: {}, status: {}, maxDelayMs: LONGEST_WAIT_MS },
    {
      onAlert: (alert) => {
        if (alert.type === "resolved") state.open.delete(alert.id);
        else state.open.set(alert.id, alert);
        changed.alert(alert);
      },
      onSnapshot: (alerts) => {
        state.open.clear();
        for (const alert of alerts) state.open.set(alert.id, alert);
        changed.alerts();
      },
      onRegions: ({ network, regions }) => {
        if (network !== state.network) return;
        const figures = new Map(regions.map((region) => [region.region, region]));
        state.regions = state.regions.map((region) => ({
          network,
          region: region.region,
          pools: region.pools,
          ...figures.get(region.region),
        }));
        changed.regions();
      },
      onStatus: (status) => {
        state.networks = state.networks.map((one) => {
          if (one.network !== status.network) return one;
          const { type: _, ...told } = status;
          const { why: _why, warmAt: _warmAt, ...rest } = one;
          return { ...rest, ...told };
        });
        changed.status();
      },
      onConnection: (connection) => {
        state.connection = connection;
        changed.connection();
      },
    },
  );
}
