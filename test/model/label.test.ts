import { expect, it } from "vitest";
import { type LabelSample, labelFault } from "../../src/model/label.ts";
import { formatSampleLine, parseSampleLine } from "../../src/model/sample-line.ts";
import { readRow, rowName, rowValue } from "../../src/store/row-codec.ts";

const AT = Date.UTC(2026, 0, 5, 10, 48, 12);
const TICK = Date.UTC(2026, 0, 5, 10, 50);
const LABELS: readonly LabelSample[] = [
  { kind: "label", at: AT, source: "person:anna", alert: "bitcoin-region-20260105T1050Z-1", verdict: "right" },
  { kind: "label", at: AT, source: "person:anna, again", alert: "a-1", verdict: "other", region: "US-TX" },
  { kind: "label", at: AT, source: "person:bob", alert: "a-1", verdict: "none" },
  { kind: "label", at: AT, source: "person:", alert: "", verdict: "reset" },
];

it.each(LABELS)("a label $verdict is the same as a line and as a stored row", (label) => {
  expect(parseSampleLine(formatSampleLine(label, { network: "bitcoin" }))).toEqual({
    ok: true,
    sample: label,
    network: "bitcoin",
  });
  expect(readRow(rowName(label), rowValue(label, TICK), TICK)).toEqual(label);
});

it("a label that came too late for its tick belongs to the one that it was given to", () => {
  const [label] = LABELS;
  expect(readRow(rowName(label!, TICK - 300_000), rowValue(label!, TICK), TICK)).toEqual({ ...label, at: TICK });
});

it.each([
  ["no verdict that there is", { verdict: "maybe" }],
  ["no alert", { alert: "" }],
  ["another region that is not said", { verdict: "other" }],
  ["another region that is OTHER", { verdict: "other", region: "OTHER" }],
  ["a region beside right", { region: "KZ" }],
  ["nobody", { source: "" }],
])("a label with %s is refused with its reason", (_, wrong) => {
  const label = { ...LABELS[0]!, ...wrong } as LabelSample;
  expect(labelFault(label)).toEqual(expect.any(String));
  expect(parseSampleLine(formatSampleLine(label))).toMatchObject({ ok: false, fault: "label" });
});
