/** From which probability on an alert names a region (unless the configuration says another one) or counts it as a candidate. */

/** Odds from which a region is named: 4 to 1, so that one name in five may be wrong at worst. */
export const NAMED_ODDS = 4;
export const NAMED_PROBABILITY = NAMED_ODDS / (1 + NAMED_ODDS);

/** An ambiguous alert is about every region that is at least this probable. Filters, the page and metrics follow it. */
export const CANDIDATE_PROBABILITY = 0.1;

/** Regions under this probability are left out of an alert's list, which holds at most so many. */
export const LISTED_PROBABILITY = 0.01;
export const MOST_LISTED = 8;
