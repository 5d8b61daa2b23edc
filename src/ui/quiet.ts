/** What an empty list means: that depends on what was told and on what could be seen. */
import { silentSince } from "./contact.ts";
import { clockSeconds } from "./format.ts";
import { currentNetwork, type State } from "./state.ts";

const BY_STATE = {
  ok: "Nothing has fallen.",
  warming: "Nothing is raised before detection begins.",
  degraded: "Nothing is open, but some figures are missing.",
  blind: "Nothing can be said while most sources fail.",
} as const;

/** Why nothing is known; undefined when what is shown is what the server says now. */
export function ignorance(state: State): string | undefined {
  if (state.needsToken) return "Nothing is known without a token.";
  const since = silentSince(state);
  if (since !== undefined) return `Nothing is known since ${clockSeconds(since)}: hashfall does not answer.`;
  if (state.listsWhy !== undefined) return `Nothing is known: ${state.listsWhy}`;
  return state.told.lists ? undefined : "Nothing is known yet.";
}

/** Said in place of open alerts where there are none. */
export function noAlertsText(state: State): string {
  const network = currentNetwork(state);
  const why = ignorance(state);
  if (why !== undefined) return why;
  return network === undefined || !state.told.alerts ? "Nothing is known yet." : BY_STATE[network.state];
}

/** Said in place of silences where there are none. */
export function noSilencesText(state: State): string {
  const why = ignorance(state);
  if (why !== undefined) return why;
  return state.silencesWhy === undefined ? "Nothing is silenced." : `Silences cannot be read: ${state.silencesWhy}`;
}
