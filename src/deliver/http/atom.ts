/** Alerts as an Atom feed (RFC 4287), for feed readers and everything that takes a feed. */
import { Liquid } from "liquidjs";
import type { AlertRecord } from "../../store/contract.ts";
import { alertUrl } from "../webhook/presets/preset.ts";
import { summaryOf, titleOf } from "../webhook/presets/summary.ts";

export interface FeedOptions {
  /** Where people reach the page, without a slash at the end. */
  readonly page: string;
  /** When there was no alert yet, ISO 8601. */
  readonly now: string;
}

const ENGINE = new Liquid({ outputEscape: "escape", strictVariables: true });
const FEED = ENGINE.parse(`<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom">
  <title>hashfall alerts</title>
  <id>{{ page }}/api/v1/alerts.atom</id>
  <link rel="self" href="{{ page }}/api/v1/alerts.atom"/>
  <link href="{{ page }}/"/>
  <updated>{{ updated }}</updated>
  <author><name>hashfall</name></author>
{%- for entry in entries %}
  <entry>
    <title>{{ entry.title }}</title>
    <id>urn:hashfall:{{ entry.id }}</id>
    <link href="{{ entry.url }}"/>
    <published>{{ entry.published }}</published>
    <updated>{{ entry.updated }}</updated>
    <category term="{{ entry.scope }}"/>
    <category term="{{ entry.severity }}"/>
    <category term="{{ entry.state }}"/>
    <summary>{{ entry.summary }}</summary>
  </entry>
{%- endfor %}
</feed>
`);

/** The feed of alerts, newest first; an entry is an alert and changes with it. */
export function atomFeed(alerts: readonly AlertRecord[], { page, now }: FeedOptions): string {
  const entries = alerts.map(({ latest, open }) => ({
    id: latest.id,
    title: titleOf(latest, {}),
    summary: summaryOf(latest),
    url: alertUrl(latest, page),
    published: latest.startedAt,
    updated: latest.at,
    scope: latest.scope,
    severity: latest.severity,
    state: open ? "open" : "resolved",
  }));
  // Newest first is by opening; the newest event may be of an older alert.
  const updated =
    entries
      .map((entry) => entry.updated)
      .toSorted()
      .at(-1) ?? now;
  return String(ENGINE.renderSync(FEED, { page, updated, entries }));
}
