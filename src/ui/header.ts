/** The top line: which network, how much hash rate, what its findings are worth now, and whether this page is live. */

import { silentSince } from "./contact.ts";
import { byId, h, setText } from "./dom.ts";
import { clockSeconds, duration, fullTime, hashrate, localClock } from "./format.ts";
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
  unknown: "not known",
};

const stateChip = h("span", { class: "chip" });
const rate = h("span", { class: "rate" });
const time = h("time", {});

export function mountHeader(): void {
  byId("facts").append(stateChip, rate, time);
}

export function updateHeader(state: State): void {
  const network = currentNetwork(state);
  const since = silentSince(state);
  document.body.classList.toggle("no-contact", since !== undefined);
  byId("live-dot").className = `dot ${since === undefined ? state.connection : "closed"}`;
  setText(byId("live-text"), since === undefined ? LIVE[state.connection] : `no contact since ${clockSeconds(since)}`);
  updateBanner(state, since);
  if (!network) return;
  const name = since === undefined && state.listsWhy === undefined ? network.state : "unknown";
  stateChip.className = `chip state-${name}`;
  setText(stateChip, STATES[name] ?? name);
  setText(rate, `${network.network} ${hashrate(network.hashrate)}`);
  const speed = network.speed === 1 ? "" : `, ${Math.round(network.speed)} times as fast as life`;
  const now = dataNow(state);
  const local = localClock(now);
  setText(time, `${fullTime(now)}${local === "" ? "" : ` (${local})`}${speed}`);
}

/** Said only when findings are limited, or nothing is known. */
function updateBanner(state: State, since: number | undefined): void {
  const banner = byId("banner");
  const network = currentNetwork(state);
  const why = since === undefined ? state.listsWhy : silenceText(since, network !== undefined);
  const name = why === undefined ? (network?.state ?? "ok") : "blind";
  banner.hidden = name === "ok" || state.needsToken;
  if (banner.hidden) return;
  banner.className = `banner state-${name}`;
  setText(banner, why ?? bannerText(state, name, network?.warmAt, network?.why));
}

function silenceText(since: number, knowsOlder: boolean): string {
  const local = localClock(since);
  const when = `${clockSeconds(since)}${local === "" ? "" : ` (${local})`}`;
  const older = knowsOlder ? " What stands below is of that time." : "";
  return `No contact with hashfall since ${when}, ${duration(Date.now() - since)} ago.${older} Nothing is known since then.`;
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
