/** Texts that were right once: what a bad line, a hostile upstream or a damaged file can make of them. */
import fc from "fast-check";

const NASTY: readonly string[] = [
  ...["null", "true", '""', "[]", "{}", "-1", "0", "1e308", "1e999", "-1e308", "5e-324", "9007199254740993", "NaN"],
  ...['"1e18"', '"__proto__"', '"constructor"', '"\\u001b[2J"', '"\\u0000"', '"\\ud800"', '"9999-12-31T23:59:59Z"'],
  ...['"-271821-04-20T00:00:00Z"', '{"__proto__":{"x":1}}', '"2022-02-30T00:00:00Z"', '"../../etc/passwd"', '"%00"'],
  `"${"x".repeat(5_000)}"`,
  `${"[".repeat(3_000)}${"]".repeat(3_000)}`,
  `${'{"a":'.repeat(2_000)}1${"}".repeat(2_000)}`,
];

interface Change {
  readonly kind: "value" | "cut" | "drop" | "repeat" | "byte" | "insert";
  /** Where, as a share of the text. */
  readonly at: number;
  readonly length: number;
  readonly nasty: string;
}

const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom("value", "value", "value", "cut", "drop", "repeat", "byte", "insert"),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  length: fc.integer({ min: 1, max: 40 }),
  nasty: fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: "binary", maxLength: 20 })),
});

/** A JSON value that is no list or object, as it stands in a text. */
const VALUE = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/g;

function changed(text: string, { kind, at, length, nasty }: Change): string {
  const place = Math.floor(at * text.length);
  switch (kind) {
    case "value": {
      const values = [...text.matchAll(VALUE)];
      const chosen = values[Math.floor(at * values.length)];
      if (chosen === undefined) return nasty;
      return text.slice(0, chosen.index) + nasty + text.slice(chosen.index + chosen[0].length);
    }
    case "cut":
      return text.slice(0, place);
    case "drop":
      return text.slice(0, place) + text.slice(place + length);
    case "repeat":
      return text.slice(0, place + length) + text.slice(place);
    case "byte":
      return (
        text.slice(0, place) + String.fromCharCode(text.charCodeAt(place) ^ (1 << (length % 8))) + text.slice(place + 1)
      );
    case "insert":
      return text.slice(0, place) + nasty + text.slice(place);
  }
}

/** One of the texts with one to three things done to it. */
export function mutationsOf(texts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...texts), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([text, changes]) => changes.reduce(changed, text));
}
