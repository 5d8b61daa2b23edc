/**
 * Falls that have ended, remembered for some days. A region that falls at the same hour on several days and returns is being
 * switched off and on (Texas sells its power back on hot afternoons), even where no grid witness says so.
 */
import { DAY_MS, HOUR_MS } from "../../model/time-units.ts";
export interface Episode {
  readonly region: string;
  /** Data time, ms. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** How long episodes are kept, ms: a working week and its weekend. */
const REMEMBERED_MS = 8 * DAY_MS;
/** A longer fall is no daily habit, ms. */
const LONGEST_MS = 14 * HOUR_MS;
/** Onsets that differ by less than this in their time of day count as the same hour, ms. */
const SAME_HOUR_MS = 1.5 * HOUR_MS;
/** Number of earlier days on which the region must have fallen at this hour. */
const EPISODE_DAYS = 2;
const MOST_EPISODES = 64;

/** Adds an episode and drops those that are too old. */
export function withEpisode(episodes: readonly Episode[], fresh: Episode): Episode[] {
  return [...episodes.filter((entry) => fresh.endedAt - entry.startedAt <= REMEMBERED_MS), fresh].slice(-MOST_EPISODES);
}

/**
 * Days on which a region fell at this hour and came back, before a fall that began at `startedAt`; null when they are no
 * habit.
 */
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
