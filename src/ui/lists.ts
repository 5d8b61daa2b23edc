/** What REST tells, put into the state; `live.ts` does the same with what the socket tells. */
import { acksOf } from "./acks.ts";
import {
  type AlertItem,
  ApiError,
  list,
  type NetworkItem,
  type PoolItem,
  type RegionItem,
  type SilenceItem,
  type SourceItem,
} from "./api.ts";
import { heard } from "./contact.ts";
import type { State } from "./state.ts";

/** Resolved alerts that are shown. */
const PAST = 50;
/** Longer than any list of open alerts. */
const OPEN = 500;

/** Which networks there are; the first one is shown. */
export async function askNetworks(state: State): Promise<void> {
  const { items } = await list<NetworkItem>("/networks", {});
  heard(state);
  state.networks = items;
  state.toldAt = Date.now();
  state.needsToken = false;
  state.network = items[0]?.network ?? "";
}

/** Any answer is a sign of life, a refusal too. Rejects when there was none. */
export async function askAnything(): Promise<void> {
  await list<NetworkItem>("/networks", {}).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error;
  });
}

/**
 * All lists of the network that is shown. A refusal is kept as the reason why nothing is known; without any answer there is no
 * contact, which the page tells by itself. Rejects in both cases.
 */
export async function askLists(state: State): Promise<void> {
  const { network } = state;
  if (network === "") return;
  try {
    const [networks, regions, pools, sources, past, open, muted] = await Promise.all([
      list<NetworkItem>("/networks", {}),
      list<RegionItem>("/regions", { network }),
      list<PoolItem>("/pools", { network }),
      list<SourceItem>("/sources", { network }),
      list<AlertItem>("/alerts", { network, state: "resolved", limit: String(PAST) }),
      list<AlertItem>("/alerts", { network, state: "open", limit: String(OPEN) }),
      list<SilenceItem>("/silences", {}).then(
        ({ items }) => ({ items, why: undefined }),
        (error: Error) => ({ items: [], why: error.message }),
      ),
    ]);
    heard(state);
    state.listsWhy = undefined;
    if (network !== state.network) return;
    state.told.lists = true;
    state.networks = networks.items;
    state.toldAt = Date.now();
    state.regions = regions.items;
    state.pools = pools.items;
    state.sources = sources.items;
    state.past = past.items;
    state.acks = new Map(open.items.map((alert) => [alert.id, acksOf(alert)]));
    state.silences = muted.items;
    state.silencesWhy = muted.why;
    if (state.connection !== "open") takeOpen(state, network, open.items);
  } catch (error) {
    if (error instanceof ApiError) {
      heard(state);
      state.listsWhy = `the lists cannot be read: ${error.message}`;
    }
    throw error;
  }
}

/** While the socket is away, the list says what is open. */
function takeOpen(state: State, network: string, items: readonly AlertItem[]): void {
  state.told.alerts = true;
  for (const [id, alert] of state.open) if (alert.network === network) state.open.delete(id);
  for (const alert of items) state.open.set(alert.id, alert);
}

/** The server wants a token, or another one. */
export function wantsToken(error: unknown): boolean {
  return error instanceof ApiError && error.code.startsWith("token-");
}
