/** The top line: which network, how much hash rate, what its findings are worth now, and whether this page is live. */
import { byId, h, setText } from "./dom.ts";
import { duration, fullTime, hashrate } from "./format.ts";
import { currentNetwork, dataNow, type State } from "./state.ts";

const LIVE: Readonly<Record<State["connection"], string>> = {
  connecting: "connecting",
  open: "live",
  waiting: "reconnecting",
  closed: "not connected",
};

const STATES: Readonly<Record<string, string>> = {
  ok: "watching",
  warming: "warming up",
  degraded: "degraded",
  blind: "blind",
};

const stateChip = h("span", { class: "chip" });
const rate = h("span", { class: "rate" });
const time = h("time", {});

export function mountHeader(): void {
  byId("facts").append(stateChip, rate, time);
}

export function updateHeader(state: State): void {
  const network = currentNetwork(state);
  byId("live-dot").className = `dot ${state.connection}`;
  setText(byId("live-text"), LIVE[state.connection]);
  if (!network) return;
  stateChip.className = `chip state-${network.state}`;
  setText(stateChip, STATES[network.state] ?? network.state);
  setText(rate, `${network.network} ${hashrate(network.hashrate)}`);
  const speed = network.speed === 1 ? "" : `, ${Math.round(network.speed)} times as fast as life`;
  setText(time, `${fullTime(dataNow(state))}${speed}`);
  updateBanner(state);
}

/** Said only when findings are limited. */
function updateBanner(state: State): void {
  const banner = byId("banner");
  const network = currentNetwork(state);
  banner.hidden = !network || network.state === "ok";
  if (!network || network.state === "ok") return;
  banner.className = `banner state-${network.state}`;
  setText(banner, bannerText(state, network.state, network.warmAt, network.why));
}

function bannerText(state: State, name: string, warmAt: string | undefined, why: string | undefined): string {
  if (name === "warming") {
    if (warmAt === undefined)
      return `Warming up: ${why ?? "baselines are being filled"}. Nothing is raised until then.`;
    const left = Date.parse(warmAt) - dataNow(state);
    const speed = currentNetwork(state)?.speed ?? 1;
    const real = speed === 1 ? "" : ` (${Math.ceil(left / speed / 1000)} seconds here)`;
    return `Warming up: detection begins in ${duration(left)}${real}, if figures keep coming.`;
  }
  if (name === "blind")
    return `Blind: most sources failed at once, so nothing can be said about regions${why ? `: ${why}` : "."}`;
  return `Degraded${why ? `: ${why}` : ": some figures are missing"}. Alerts may be late.`;
}
