/**
 * The state of every released version loads in this one. At a release: `STATE_FIXTURE=<version> npx vitest run test/jobs/old-state`
 * writes that version's state in the middle of an alert to test/fixtures/state, to be kept as it is from then on.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Detector } from "../../src/detect/contract.ts";
import { createDetector } from "../../src/detect/detector.ts";
import type { AlertEvent } from "../../src/model/alert.ts";
import { HOUR, modelOf, START, type WorldTick, world } from "../detect/world.ts";

const FOLDER = fileURLToPath(new URL("../fixtures/state/", import.meta.url));
const FALL = { region: "KZ", drop: 0.75, from: 60.2, until: 75 } as const;
/** The alert has opened and is being followed. */
const SAVED_AT = START + 64 * HOUR;

interface Fixture {
  /** The alert that is open. */
  readonly id: string;
  readonly revision: number;
  /** Deflated, base64. */
  readonly bytes: string;
}

const ticks = (): Generator<WorldTick> => world({ seed: 11, days: 4, falls: [FALL] });
const detectorOf = (): Detector<unknown> => createDetector(modelOf()) as unknown as Detector<unknown>;

function regional(events: readonly AlertEvent[]): AlertEvent[] {
  return events.filter(({ scope, region }) => scope === "region" && region === "KZ");
}

function writeFixture(version: string): void {
  const detector = detectorOf();
  let state = detector.initial();
  let newest: AlertEvent | undefined;
  for (const tick of ticks()) {
    if (tick.at > SAVED_AT) break;
    const done = detector.advance(state, tick);
    state = done.state;
    newest = regional(done.events).at(-1) ?? newest;
  }
  if (newest === undefined) throw new Error("the alert is not open: the fixture would prove nothing");
  const fixture: Fixture = {
    id: newest.id,
    revision: newest.revision,
    bytes: deflateRawSync(detector.encode(state)).toString("base64"),
  };
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}${version}.json`, `${JSON.stringify(fixture, null, 2)}\n`);
}

const version = process.env.STATE_FIXTURE;
if (version !== undefined) writeFixture(version);
const files = existsSync(FOLDER) ? readdirSync(FOLDER) : [];

it("has a state of at least one version to look at", () => {
  expect(files.length).toBeGreaterThan(0);
});

describe.each(files)("the state %s, saved in the middle of an alert", (file) => {
  it("goes on: the same alert is followed to its end under the same id, and no other opens", () => {
    const fixture = JSON.parse(readFileSync(`${FOLDER}${file}`, "utf8")) as Fixture;
    const detector = detectorOf();
    let state = detector.decode(inflateRawSync(Buffer.from(fixture.bytes, "base64")));
    const events: AlertEvent[] = [];
    for (const tick of ticks()) {
      if (tick.at <= SAVED_AT) continue;
      const done = detector.advance(state, tick);
      state = done.state;
      events.push(...done.events);
    }
    const later = regional(events);
    expect(later.filter(({ type }) => type === "opened")).toEqual([]);
    expect(new Set(later.map(({ id }) => id))).toEqual(new Set([fixture.id]));
    const revisions = later.map(({ revision }) => revision);
    expect(revisions).toEqual(revisions.map((_, i) => fixture.revision + 1 + i));
    expect(later.at(-1)).toMatchObject({ type: "resolved", resolution: "recovered" });
  });
});
