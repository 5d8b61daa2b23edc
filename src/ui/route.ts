/** What the address names after its `#`: `#/alerts/ID` is one alert, so that a link leads to it and Back leads away. */

const ALERT = /^#\/alerts\/(.+)$/;

/** The link to an alert of this page. */
export function addressOfAlert(id: string): string {
  return `#/alerts/${encodeURIComponent(id)}`;
}

/** The alert that the address names; undefined where it names none, or cannot be read. */
export function alertOfAddress(hash: string): string | undefined {
  const [, id] = ALERT.exec(hash) ?? [];
  if (id === undefined) return undefined;
  try {
    return decodeURIComponent(id);
  } catch {
    return undefined;
  }
}
