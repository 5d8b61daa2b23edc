/** Whether the server is still heard. Without contact the page knows nothing, and says since when. */

/** The part of the page's state that says when the server was last heard, as `Date.now()` gave it. */
interface Heard {
  heardAt: number;
}

/** Without a word for this long there is no contact. Between the socket's messages the page asks by itself. */
const SILENCE_MS = 12_000;
/** Browsers let the timers of a hidden tab run once a minute, so that it hears less. */
const HIDDEN_SILENCE_MS = 150_000;
const ASK_EVERY_MS = 4000;

/** Since when nothing was heard (`Date.now()`), where that is too long; undefined while there is contact. */
export function silentSince(state: Heard, now = Date.now()): number | undefined {
  const patience = document.hidden ? HIDDEN_SILENCE_MS : SILENCE_MS;
  return now - state.heardAt > patience ? state.heardAt : undefined;
}

/** Notes that the server was heard a moment ago. */
export function heard(state: Heard): void {
  state.heardAt = Date.now();
}

/**
 * Asks whenever nothing was heard for some seconds, one question at a time, until the page is left.
 * @param ask resolves when the server has answered, whatever it said
 * @param changed called after every answer, and every second so that silence shows
 */
export function keepContact(state: Heard, ask: () => Promise<void>, changed: () => void): void {
  let asking = false;
  const look = async (): Promise<void> => {
    changed();
    if (asking || Date.now() - state.heardAt < ASK_EVERY_MS) return;
    asking = true;
    try {
      await ask();
      heard(state);
    } catch {
      // Silence is told by the time of the last word.
    } finally {
      asking = false;
      changed();
    }
  };
  setInterval(() => void look(), 1000);
  document.addEventListener("visibilitychange", () => void look());
}
