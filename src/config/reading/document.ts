/** A YAML file as a plain value that still knows on which line every key stands. JSON is YAML. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from "yaml";
import { messageOf } from "../../model/errors.ts";
import type { Fault } from "./faults.ts";
import { nestsTooDeep } from "./nesting.ts";

export type KeyPath = readonly (string | number)[];

/** A place in a configuration file as people write it: `networks.bitcoin.pools.antpool`, `server.tokens[0]`. */
export function formatPath(path: KeyPath): string {
  return path.map((part, i) => (typeof part === "number" ? `[${part}]` : i === 0 ? part : `.${part}`)).join("");
}

/** A configuration is written by hand: a file of more bytes than this is something else. */
const MOST_BYTES = 1_048_576;

export interface ConfigDocument {
  readonly file: string;
  /** Plain objects, arrays and scalars; undefined when the text is not YAML. */
  readonly value: unknown;
  readonly faults: readonly Fault[];
  /** Line and column, from 1, of a key; of the nearest key above it where it does not stand in the file. */
  locate(path: KeyPath): { readonly line: number; readonly column: number };
}

/** Aliases may be used, but not to make a small file into a huge value. */
const MOST_ALIASES = 100;

/** Never throws: what is wrong with the text is in `faults`. */
export function parseConfigDocument(text: string, file: string): ConfigDocument {
  const whole = (message: string): ConfigDocument => ({
    file,
    value: undefined,
    faults: [{ file, line: 1, column: 1, key: "", text: message }],
    locate: () => ({ line: 1, column: 1 }),
  });
  if (text.length > MOST_BYTES) return whole(`the file is larger than ${MOST_BYTES} bytes; a configuration is not`);
  if (nestsTooDeep(text)) return whole("it nests deeper than any configuration does");
  const lines = new LineCounter();
  const at = (offset: number) => {
    const place = lines.linePos(offset);
    return { line: Math.max(1, place.line), column: Math.max(1, place.col) };
  };
  try {
    // The library compares each key with all before it: a minute for 30,000 of them. `oddNode` looks for what stands twice.
    const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    const faults: Fault[] = [...doc.errors, ...doc.warnings].map((error) => ({
      file,
      ...at(error.pos[0]),
      key: "",
      text: `not valid YAML: ${error.message.split("\n")[0]}`,
    }));
    // One mistake of the syntax is enough to name: those after it are mostly its echo.
    if (faults.length > 0) return { file, value: undefined, faults: faults.slice(0, 1), locate: () => at(0) };
    const odd = oddNode(doc);
    if (odd !== undefined)
      return { ...whole(odd.text), faults: [{ file, ...at(odd.offset), key: "", text: odd.text }] };
    return {
      file,
      value: doc.toJS({ maxAliasCount: MOST_ALIASES }),
      faults: [],
      locate: (path) => at(offsetOf(doc.contents, path, (node) => (isAlias(node) ? node.resolve(doc) : node))),
    };
  } catch (error) {
    // Alias bombs end here.
    return whole(`not valid YAML: ${messageOf(error).split("\n")[0]}`);
  }
}

/** What no configuration may hold: keys that stand twice, keys that are collections or trap objects, aliases that contain themselves. */
function oddNode(doc: Document): { readonly text: string; readonly offset: number } | undefined {
  let odd: { text: string; offset: number } | undefined;
  const found = (node: unknown, text: string) => {
    odd = { text, offset: startOf(node) ?? 0 };
    return visit.BREAK;
  };
  visit(doc, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) return found(key, twice(String(key.value)));
        seen.add(key.value);
      }
      return undefined;
    },
    Pair: (_, { key }) => {
      if (!isScalar(key)) return found(key, "a key is one word; allowed: no lists or maps as keys");
      return key.value === "__proto__" ? found(key, '"__proto__" is not allowed as a key') : undefined;
    },
    Alias: (_, alias, ancestors) => {
      const target = alias.resolve(doc);
      return target !== undefined && ancestors.includes(target)
        ? found(alias, `*${alias.source} stands inside of what it names; allowed: names of other parts`)
        : undefined;
    },
  });
  return odd;
}

function twice(key: string): string {
  const shown = /^[\w."'-]{1,64}/.exec(key)?.[0] ?? "a key";
  return `${shown} stands here a second time; allowed: each key once`;
}

/** Offset of the key at a path, or of the nearest one above it. */
function offsetOf(root: unknown, path: KeyPath, follow: (node: unknown) => unknown): number {
  let node = follow(root);
  let offset = startOf(node) ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair: Pair | undefined = node.items.find((item) => keyText(item.key) === String(part));
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = follow(pair.value);
    } else if (isSeq(node) && typeof part === "number" && node.items[part] !== undefined) {
      node = follow(node.items[part]);
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
