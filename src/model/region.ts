/** Regions: ISO 3166 codes (`KZ`, `US-TX`) or a name that the configuration declares (`EU`, `OTHER`). */

/** What the weights of a pool leave over; never a finding by itself. */
export const OTHER_REGION = "OTHER";

const CODE = /^[A-Z][A-Z0-9]{1,15}(-[A-Z0-9]{1,3})?$/;

/** True for a code that may name a region: ISO 3166-1 (`KZ`), 3166-2 (`US-TX`), or a declared name in capitals. */
export function isRegionCode(text: string): boolean {
  return CODE.test(text);
}

/** `US` for `US-TX`; null for a country or a declared name. */
export function parentRegion(region: string): string | null {
  const dash = region.indexOf("-");
  return dash < 0 ? null : region.slice(0, dash);
}

/** Whether a filter's region covers a region: itself, or a country its subdivisions (`US` covers `US-TX`). */
export function regionCovers(filter: string, region: string): boolean {
  return filter === region || parentRegion(region) === filter;
}
