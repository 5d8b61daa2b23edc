/** What a server, a file or an upstream says cannot steer a terminal. */
import { describe, expect, it } from "vitest";
import { alertLine } from "../../src/commands/alert-line.ts";
import type { AlertEvent } from "../../src/model/alert.ts";
import { cleanText, escapeControls, escapeJson } from "../../src/model/clean-text.ts";
import { HashfallError } from "../../src/model/errors.ts";
import { parseSampleLine } from "../../src/model/sample-line.ts";
import { failureOf } from "../../src/runtime/exit.ts";

/** Clears the screen, sets the title, C1's own introducer, turns the direction of writing. */
const STEERING = "\u001b[2J\u001b]0;owned\u0007\u009b31m\u202e";
const CONTROL = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

describe("text from outside", () => {
  it("is one line without control characters where it is kept", () => {
    expect(cleanText(`a${STEERING}b\r\nc`)).not.toMatch(CONTROL);
  });

  it("is written out where a person must see what it was", () => {
    expect(escapeControls("\u001b[31mred")).toBe("\\u{1b}[31mred");
  });

  it("stays the same value in JSON", () => {
    const value = { a: `${STEERING}\u{e0001}é` };
    const json = escapeJson(JSON.stringify(value));
    expect(json).not.toMatch(CONTROL);
    expect(JSON.parse(json)).toEqual(value);
  });

  it("reaches no terminal by an alert, whichever of its fields holds it", () => {
    const alert = {
      ...{ type: "opened", id: STEERING, revision: 1, network: STEERING, scope: "region", region: `${STEERING}KZ` },
      ...{ ambiguous: false, severity: "critical", at: STEERING, startedAt: STEERING, verdict: STEERING },
      lost: { hashrate: 2e19, low: 1e19, high: 3e19, networkShare: 0.1 },
      candidates: [{ region: STEERING, probability: 0.97 }],
      cause: { hint: "connectivity", why: STEERING },
      ...{ detectorVersion: "1", configHash: "x" },
    } as unknown as AlertEvent;
    for (const type of ["opened", "resolved"] as const) {
      const ended = type === "resolved" ? { endedAt: STEERING, resolution: STEERING, supersededBy: STEERING } : {};
      expect(alertLine({ ...alert, type, ...ended } as unknown as AlertEvent, { colour: false })).not.toMatch(CONTROL);
    }
  });

  it("reaches no terminal by an error", () => {
    const { text } = failureOf(new HashfallError("X", `one ${STEERING}\ntwo ${STEERING}`), { debug: false });
    expect(text.split("\n")).toHaveLength(3);
    expect(text.replaceAll("\n", "")).not.toMatch(CONTROL);
  });

  it.each(["pool", "source"])("is refused as the %s of a sample", (field) => {
    const line = JSON.stringify({ at: "2022-01-05T10:30:00Z", pool: "a", hashrate: 1, [field]: STEERING });
    expect(parseSampleLine(line)).toMatchObject({ ok: false, why: expect.stringMatching(/printable characters/) });
  });
});
