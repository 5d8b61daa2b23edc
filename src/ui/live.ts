/** What the WebSocket tells, put into the state. */
import { connect } from "../client/client.ts";
import type { DeliveredAlert } from "../model/alert.ts";
import { storedToken } from "./api.ts";
import { heard } from "./contact.ts";
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
  const url = new URL("ws", document.baseURI);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  connect(
    { url: url.href, token: storedToken(), alerts: {}, regions: {}, status: {}, maxDelayMs: LONGEST_WAIT_MS },
    {
      onAlert: (alert) => {
        heard(state);
        if (alert.type === "resolved") state.open.delete(alert.id);
        else state.open.set(alert.id, alert);
        changed.alert(alert);
      },
      onSnapshot: (alerts) => {
        heard(state);
        state.told.alerts = true;
        state.open.clear();
        for (const alert of alerts) state.open.set(alert.id, alert);
        changed.alerts();
      },
      onRegions: ({ network, regions }) => {
        heard(state);
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
        heard(state);
        state.networks = state.networks.map((one) => {
          if (one.network !== status.network) return one;
          const { type: _, ...told } = status;
          const { why: _why, warmAt: _warmAt, ...rest } = one;
          return { ...rest, ...told };
        });
        changed.status();
      },
      onConnection: (connection) => {
        if (connection === "open") heard(state);
        state.connection = connection;
        changed.connection();
      },
    },
  );
}
