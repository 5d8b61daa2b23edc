/** The page: what REST tells at first, kept up to date by the WebSocket. */

import type { DeliveredAlert } from "../model/alert.ts";
import { regionCovers } from "../model/region.ts";
import { acksOf } from "./acks.ts";
import { alertCard } from "./alert-card.ts";
import { headlineOf } from "./alert-words.ts";
import { keepToken, type PoolItem } from "./api.ts";
import { keepContact, silentSince } from "./contact.ts";
import { byId, h, KeyedList, setText } from "./dom.ts";
import { Fold } from "./fold.ts";
import { mountHeader, updateHeader } from "./header.ts";
import { HistoryChart } from "./history.ts";
import { findAddressed, showLinked } from "./linked-alert.ts";
import { askAnything, askLists, askNetworks, wantsToken } from "./lists.ts";
import { goLive, type LiveChanges } from "./live.ts";
import { legend, WorldMap } from "./map.ts";
import { updatePast } from "./past-alerts.ts";
import { PoolList } from "./pool-list.ts";
import { ignorance, noAlertsText } from "./quiet.ts";
import { type RegionRow, regionRow } from "./region-row.ts";
import { alertOfAddress } from "./route.ts";
import { SilencesCard } from "./silences.ts";
import { SourceList } from "./source-list.ts";
import { alertOfRegion, currentFigures, dataNow, initialState, openAlerts, shownRegion, silenceOf } from "./state.ts";
import { mountTheme } from "./theme.ts";

/** Pools, sources and lists change with every tick; they are not asked for more often than this. */
const REFRESH_MS = 1500;

/** Regions beyond these are folded away while nothing is wrong with them. */
const FOLDED_REGIONS = 30;

const state = initialState();
const chart = new HistoryChart(state);
const map = new WorldMap(byId("map"), select);
const regionList = new KeyedList<RegionRow>(byId("region-list"), ({ region }) => region.region, regionRow(select));
const regionFold = new Fold("all-regions", FOLDED_REGIONS, "regions", renderRegions);
const poolList = new PoolList(state);
const sourceList = new SourceList(state);
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
      acknowledged: (alert) => {
        state.acks.set(alert.id, acksOf(alert));
        renderAlerts();
      },
      acksOf: ({ id }) => state.acks.get(id) ?? [],
      isAddressed: ({ id }) => alertOfAddress(location.hash) === id,
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
  const rows = order.map((region) => ({
    region,
    scale,
    selected: shown === region.region,
    alerting: alertOfRegion(state, region.region) !== undefined,
  }));
  regionList.update(regionFold.shown(rows, ({ selected, alerting }) => selected || alerting));
  map.update(state);
}

function renderAlerts(): void {
  const open = openAlerts(state);
  alertList.update(open);
  const loud = open.filter((alert) => silenceOf(state, alert) === undefined).length;
  setText(byId("alert-count"), loud === 0 ? "" : String(loud));
  byId("no-alerts").hidden = open.length > 0;
  setText(byId("no-alerts"), noAlertsText(state));
  const known = silentSince(state) === undefined && !state.needsToken;
  document.title = !known ? "no contact: hashfall" : loud === 0 ? "hashfall" : `(${loud}) hashfall`;
  updatePast(state.past.filter((alert) => alert.state === "resolved" && alert.network === state.network));
}

/** Everything that changes with contact alone. */
function renderContact(): void {
  updateHeader(state);
  renderAlerts();
  silences.update(state);
  sourceList.updateText();
}

async function refreshLists(): Promise<void> {
  try {
    await askLists(state);
    render();
  } catch (error) {
    if (wantsToken(error)) askForToken();
    renderContact();
    throw error;
  }
}

function render(): void {
  renderContact();
  sourceList.update();
  renderRegions();
  poolList.update();
}

/** Leads to the alert that the address names: its card where it is open, else what was said of it. */
async function showAddressed(): Promise<void> {
  renderAlerts();
  const alert = state.needsToken ? null : await findAddressed(state);
  showLinked(alert?.ended ?? null);
  if (alert?.open === undefined) return;
  if (alert.open.network !== state.network) chooseNetwork(alert.open.network);
  renderAlerts();
  const card = byId("alert-list").querySelector<HTMLElement>(".alert.addressed");
  card?.scrollIntoView({ block: "center" });
  card?.focus({ preventScroll: true });
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
  if (alert.network !== state.network || ignorance(state) || silenceOf(state, alert)) return;
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
    renderContact();
    refreshSoon();
  },
};

function chooseNetwork(network: string): void {
  byId<HTMLSelectElement>("network").value = network;
  state.network = network;
  state.chosen = undefined;
  refreshLists().catch(() => {});
  chart.refresh(true);
}

function offerNetworks(): void {
  const choice = byId("network-choice");
  const selectBox = byId<HTMLSelectElement>("network");
  choice.hidden = state.networks.length < 2;
  selectBox.replaceChildren(...state.networks.map(({ network }) => h("option", { value: network }, network)));
  selectBox.addEventListener("change", () => chooseNetwork(selectBox.value));
}

async function begin(): Promise<void> {
  const world = map.load();
  // Whoever waits for the networks first is not told of it.
  world.catch(() => {});
  await askNetworks(state);
  offerNetworks();
  await Promise.all([world, refreshLists()]);
  render();
  chart.refresh(true);
  goLive(state, changed);
  setInterval(refreshSoon, 15_000);
  window.addEventListener("hashchange", () => void showAddressed());
  await showAddressed();
}

function askForToken(): void {
  const form = byId<HTMLFormElement>("token-form");
  if (!form.hidden) return;
  state.needsToken = true;
  renderContact();
  form.hidden = false;
  byId("token").focus();
  form.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      keepToken(byId<HTMLInputElement>("token").value);
      location.reload();
    },
    { once: true },
  );
}

function start(): void {
  begin().catch((error: unknown) => {
    if (wantsToken(error)) return askForToken();
    state.connection = "waiting";
    renderContact();
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
renderContact();
keepContact(state, askAnything, renderContact);
start();
