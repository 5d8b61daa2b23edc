/** The page: what REST tells at first, kept up to date by the WebSocket. */
import type { DeliveredAlert } from "../model/alert.ts";
import { regionCovers } from "../model/region.ts";
import { alertCard } from "./alert-card.ts";
import { headlineOf } from "./alert-words.ts";
import {
  type AlertItem,
  ApiError,
  keepToken,
  list,
  type NetworkItem,
  type PoolItem,
  type RegionItem,
  type SilenceItem,
  type SourceItem,
} from "./api.ts";
import { byId, h, KeyedList, setText } from "./dom.ts";
import { mountHeader, updateHeader } from "./header.ts";
import { HistoryChart } from "./history.ts";
import { goLive, type LiveChanges } from "./live.ts";
import { legend, WorldMap } from "./map.ts";
import { updatePast } from "./past-alerts.ts";
import { type PoolRow, poolRow } from "./pool-row.ts";
import { type RegionRow, regionRow } from "./region-row.ts";
import { SilencesCard } from "./silences.ts";
import { updateSources } from "./source-list.ts";
import {
  alertOfRegion,
  currentFigures,
  currentNetwork,
  dataNow,
  initialState,
  openAlerts,
  shownRegion,
  silenceOf,
} from "./state.ts";
import { mountTheme } from "./theme.ts";

const PAST = 50;
/** Pools, sources and lists change with every tick; they are not asked for more often than this. */
const REFRESH_MS = 1500;

/** What an empty list of alerts means depends on what could be seen. */
const QUIET = {
  ok: "Nothing has fallen.",
  warming: "Nothing is raised before detection begins.",
  degraded: "Nothing is open, but some figures are missing.",
  blind: "Nothing can be said while most sources fail.",
} as const;

const state = initialState();
const chart = new HistoryChart(state);
const map = new WorldMap(byId("map"), select);
const regionList = new KeyedList<RegionRow>(byId("region-list"), ({ region }) => region.region, regionRow(select));
const poolList = new KeyedList<PoolRow>(byId("pool-list"), ({ pool }) => pool.pool, poolRow);
const silences = new SilencesCard(state, refreshLists);
const alertList = new KeyedList<DeliveredAlert>(
  byId("alert-list"),
  ({ id }) => id,
  (alert) =>
    alertCard(alert, {
      now: () => dataNow(state),
      select,
      silenced: refreshLists,
      silencedUntil: (one) => silenceOf(state, one)?.endsAt,
      acknowledged: (one) => {
        if (one.ack) state.acks.set(one.id, one.ack);
        renderAlerts();
      },
      ackOf: ({ id }) => state.acks.get(id),
      current: (one) => currentFigures(state, one),
      bystanders: (one) => {
        const named = new Set(one.evidence?.map(({ pool }) => pool));
        const { region } = one;
        const isElsewhere = (pool: PoolItem): boolean =>
          region === null || !pool.regions.some((share) => regionCovers(region, share.region));
        return state.pools.filter((pool) => !named.has(pool.pool) && isElsewhere(pool));
      },
    }),
);

function select(region: string): void {
  state.chosen = shownRegion(state) === region ? null : region;
  renderRegions();
  chart.refresh(true);
}

function renderRegions(): void {
  const { regions } = state;
  const scale = Math.max(...regions.map(({ expected, hashrate }) => Math.max(expected ?? 0, hashrate ?? 0)), 1);
  const order = regions.toSorted((a, b) => (b.expected ?? b.hashrate ?? 0) - (a.expected ?? a.hashrate ?? 0));
  const shown = shownRegion(state);
  regionList.update(
    order.map((region) => ({
      region,
      scale,
      selected: shown === region.region,
      alerting: alertOfRegion(state, region.region) !== undefined,
    })),
  );
  map.update(state);
}

function renderAlerts(): void {
  const open = openAlerts(state);
  alertList.update(open);
  const loud = open.filter((alert) => silenceOf(state, alert) === undefined).length;
  setText(byId("alert-count"), loud === 0 ? "" : String(loud));
  byId("no-alerts").hidden = open.length > 0;
  setText(byId("no-alerts"), QUIET[currentNetwork(state)?.state ?? "ok"]);
  document.title = loud === 0 ? "hashfall" : `(${loud}) hashfall`;
  updatePast(state.past.filter((alert) => alert.state === "resolved" && alert.network === state.network));
}

function renderPools(): void {
  const now = dataNow(state);
  const order = state.pools.toSorted((a, b) => (b.expected ?? b.hashrate ?? 0) - (a.expected ?? a.hashrate ?? 0));
  poolList.update(order.map((pool) => ({ pool, now })));
  updateSources(state.sources);
}

async function refreshLists(): Promise<void> {
  const { network } = state;
  if (network === "") return;
  const [networks, regions, pools, sources, past, open, muted] = await Promise.all([
    list<NetworkItem>("/networks", {}),
    list<RegionItem>("/regions", { network }),
    list<PoolItem>("/pools", { network }),
    list<SourceItem>("/sources", { network }),
    list<AlertItem>("/alerts", { network, state: "resolved", limit: String(PAST) }),
    list<AlertItem>("/alerts", { network, state: "open", limit: "500" }),
    list<SilenceItem>("/silences", {}).catch(() => ({ items: [] })),
  ]);
  if (network !== state.network) return;
  state.networks = networks.items;
  state.toldAt = Date.now();
  state.regions = regions.items;
  state.pools = pools.items;
  state.sources = sources.items;
  state.past = past.items;
  state.acks = new Map(open.items.flatMap(({ id, ack }) => (ack ? [[id, ack]] : [])));
  state.silences = muted.items;
  render();
}

function render(): void {
  updateHeader(state);
  renderAlerts();
  renderRegions();
  renderPools();
  silences.update(state);
}

let isRefreshing = false;
function refreshSoon(): void {
  if (isRefreshing) return;
  isRefreshing = true;
  setTimeout(() => {
    isRefreshing = false;
    refreshLists().catch(() => {});
    chart.refresh();
  }, REFRESH_MS);
}

function announce(alert: DeliveredAlert): void {
  if (alert.network !== state.network || silenceOf(state, alert)) return;
  const verb = alert.type === "resolved" ? "Resolved" : alert.type === "opened" ? "Alert" : "Update";
  setText(byId("announcer"), `${verb}: ${headlineOf(alert)}`);
}

function renderOpen(): void {
  renderAlerts();
  renderRegions();
  refreshSoon();
}

const changed: LiveChanges = {
  alert: (alert) => {
    announce(alert);
    renderOpen();
    chart.refresh(alert.type === "opened");
  },
  alerts: renderOpen,
  regions: renderOpen,
  status: () => {
    updateHeader(state);
    renderAlerts();
  },
  connection: () => {
    updateHeader(state);
    if (state.connection === "open") refreshSoon();
  },
};

function chooseNetwork(): void {
  const choice = byId("network-choice");
  const selectBox = byId<HTMLSelectElement>("network");
  choice.hidden = state.networks.length < 2;
  selectBox.replaceChildren(...state.networks.map(({ network }) => h("option", { value: network }, network)));
  selectBox.addEventListener("change", () => {
    state.network = selectBox.value;
    state.chosen = undefined;
    refreshLists().catch(() => {});
    chart.refresh(true);
  });
}

async function begin(): Promise<void> {
  const { items } = await list<NetworkItem>("/networks", {});
  state.networks = items;
  state.toldAt = Date.now();
  state.network = items[0]?.network ?? "";
  chooseNetwork();
  await Promise.all([map.load(), refreshLists()]);
  render();
  chart.refresh(true);
  goLive(state, changed);
  setInterval(() => updateHeader(state), 1000);
  setInterval(refreshSoon, 15_000);
}

function askForToken(): void {
  const form = byId<HTMLFormElement>("token-form");
  form.hidden = false;
  byId("token").focus();
  form.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      keepToken(byId<HTMLInputElement>("token").value);
      form.hidden = true;
      start();
    },
    { once: true },
  );
}

function start(): void {
  begin().catch((error: unknown) => {
    if (error instanceof ApiError && error.code.startsWith("token-")) return askForToken();
    state.connection = "waiting";
    updateHeader(state);
    setTimeout(start, 2000);
  });
}

mountTheme(() => chart.recolour());
mountHeader();
byId("whole").addEventListener("click", () => {
  state.chosen = null;
  renderRegions();
  chart.refresh(true);
});
byId("legend").replaceChildren(...legend());
start();
