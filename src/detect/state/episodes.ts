/**
 * Falls that came back, remembered for some days: a region that falls at the same hour day after day and returns is being
 * switched off and on (Texas sells its power back on hot afternoons), whatever the grid's own witness says.
 */
import { DAY_MS, HOUR_MS } from "../../model/time-units.ts";
export interface Episode {
  readonly region: string;
  /** Data time, ms. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** A working week and its weekend. */
const REMEMBERED_MS = 8 * DAY_MS;
/** What lasts longer is no rhythm of a day. */
const LONGEST_MS = 14 * HOUR_MS;
/** Onsets this near each other, by the clock, are at the same hour. */
const SAME_HOUR_MS = 1.5 * HOUR_MS;
/** Earlier days on which the region must have fallen at this hour. */
const EPISODE_DAYS = 2;
const MOST_EPISODES = 64;

/** The episodes with one more, without those that are too old to be remembered. */
export function withEpisode(episodes: readonly Episode[], fresh: Episode): Episode[] {
  return [...episodes.filter((entry) => fresh.endedAt - entry.startedAt <= REMEMBERED_MS), fresh].slice(-MOST_EPISODES);
}

/** Days on which a region fell at this hour and came back, before a fall that began at `startedAt`; null when they are no habit. */
export function dailyHabit(episodes: readonly Episode[], region: string, startedAt: number): number | null {
  const days = new Set<number>();
  for (const entry of episodes) {
    const before = startedAt - entry.startedAt;
    if (entry.region !== region || before <= 0 || before > REMEMBERED_MS) continue;
    if (entry.endedAt - entry.startedAt > LONGEST_MS) continue;
    const back = Math.round(before / DAY_MS);
    if (back >= 1 && Math.abs(before - back * DAY_MS) <= SAME_HOUR_MS) days.add(back);
  }
  return days.size >= EPISODE_DAYS ? days.size : null;
}
