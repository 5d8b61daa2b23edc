import { describe, expect, it } from "vitest";
import {
  type AlertFilter,
  everMatched,
  facetOf,
  filterKey,
  letsAllThrough,
  withFacet,
} from "../../src/deliver/filter.ts";
import { OpenAlerts } from "../../src/deliver/open-alerts.ts";
import type { AlertEvent, DeliveredAlert } from "../../src/model/alert.ts";
import { alertEvent } from "./support.ts";

let entries = 0;
const delivered = (part: Partial<AlertEvent> = {}): DeliveredAlert => ({
  ...alertEvent({ id: "a", revision: 1, ...part }),
  cursor: `e~${++entries}-0`,
});
const lets = (filter: AlertFilter, ...parts: Partial<AlertEvent>[]): boolean =>
  everMatched(
    filter,
    parts.reduce<readonly ReturnType<typeof facetOf>[]>(
      (facets, part) => withFacet(facets, facetOf(delivered(part))),
      [],
    ),
  );

const unsure = (...candidates: [string, number][]): Partial<AlertEvent> => ({
  region: null,
  ambiguous: true,
  candidates: candidates.map(([region, probability]) => ({ region, probability })),
});

describe("a filter", () => {
  it.each<[string, AlertFilter, Partial<AlertEvent>, boolean]>([
    ["left out lets everything through", {}, { scope: "source", region: null }, true],
    ["of a region lets that region through", { regions: ["KZ"] }, {}, true],
    ["of a region holds others back", { regions: ["RU"] }, {}, false],
    ["of a country lets its subdivisions through", { regions: ["US"] }, { region: "US-TX" }, true],
    ["of a subdivision holds the country back", { regions: ["US-TX"] }, { region: "US" }, false],
    ["of a region holds back what has none", { regions: ["KZ"] }, { scope: "network", region: null }, false],
    ["meets a candidate of 0.1", { regions: ["RU"] }, unsure(["KZ", 0.6], ["RU", 0.1]), true],
    ["does not meet a candidate of less", { regions: ["RU"] }, unsure(["KZ", 0.6], ["RU", 0.099]), false],
    [
      "does not meet a rival of a named region",
      { regions: ["RU"] },
      { candidates: [{ region: "RU", probability: 0.4 }] },
      false,
    ],
    ["of a severity lets graver ones through", { minSeverity: "warning" }, { severity: "critical" }, true],
    ["of a severity holds lighter ones back", { minSeverity: "warning" }, { severity: "info" }, false],
    ["of a network holds others back", { networks: ["litecoin"] }, {}, false],
    ["of a scope holds others back", { scopes: ["pool"] }, {}, false],
    ["of several kinds needs all of them", { regions: ["KZ"], minSeverity: "critical" }, { severity: "info" }, false],
  ])("%s", (_name, filter, part, expected) => expect(lets(filter, part)).toBe(expected));

  it.each<[string, AlertFilter, Partial<AlertEvent>[], boolean]>([
    ["lets through what it has let through once", { regions: ["KZ"] }, [{}, { revision: 2, region: "RU" }], true],
    ["takes what grows into it", { regions: ["RU"] }, [{}, { revision: 2, region: "RU" }], true],
    [
      "never adds up what was not true at once",
      { regions: ["KZ"], minSeverity: "critical" },
      [{ severity: "info" }, { revision: 2, region: "RU" }],
      false,
    ],
  ])("is sticky: %s", (_name, filter, parts, expected) => expect(lets(filter, ...parts)).toBe(expected));

  it("is the same whatever the order in which it is written", () => {
    expect(filterKey({ regions: ["RU", "KZ", "KZ"] })).toBe(filterKey({ regions: ["KZ", "RU"] }));
    expect(filterKey({ regions: ["KZ"] })).not.toBe(filterKey({ networks: ["KZ"] }));
    expect([letsAllThrough({ minSeverity: "info" }), letsAllThrough({ minSeverity: "warning" })]).toEqual([
      true,
      false,
    ]);
  });

  it("keeps no more of an alert than what it has shown", () => {
    const facets = Array.from({ length: 50 }, (_, i) =>
      facetOf(delivered({ revision: i + 1, region: i % 2 ? "KZ" : "RU" })),
    );
    expect(facets.reduce<readonly (typeof facets)[number][]>(withFacet, [])).toHaveLength(2);
  });
});

describe("the openAlerts", () => {
  it("shows what is open where it stands, by everything an alert has shown", () => {
    const openAlerts = new OpenAlerts("e", "e~0-0", [[delivered(), delivered({ revision: 2, region: "RU" })]]);
    expect(openAlerts.snapshot({ regions: ["KZ"] }).map(({ revision }) => revision)).toEqual([2]);
    const opened = delivered({ id: "b", region: "CN" });
    expect(openAlerts.apply(opened)).toMatchObject({ seq: 1, facets: [{ regions: ["CN"] }] });
    expect(openAlerts.cursor).toBe(opened.cursor);
    expect(openAlerts.snapshot({}).map(({ id }) => id)).toEqual(["a", "b"]);
    const ended = openAlerts.apply(delivered({ revision: 3, type: "resolved", region: "RU" }));
    expect(ended.facets.map(({ regions }) => regions)).toEqual([["KZ"], ["RU"]]);
    expect(openAlerts.snapshot({}).map(({ id }) => id)).toEqual(["b"]);
  });
});
