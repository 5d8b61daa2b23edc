/**
 * Reads of arrays and maps that cannot miss: what is not there is a fault of ours, and throws instead of becoming NaN in a
 * score. One function for each kind of typed array, so that each stays monomorphic and V8 inlines it to the bounds check
 * that it makes anyway (measured: `decisions/010-reads-that-cannot-miss.md`).
 */
import { HashfallError } from "../../model/errors.ts";

/** Throws `HashfallError` `ELEMENT_MISSING`. */
function missing(index: number, length: number): never {
  throw new HashfallError(
    "ELEMENT_MISSING",
    `The detector read element ${index} of ${length}; allowed are 0 to ${length - 1}. This is a bug: please report it.`,
  );
}

export function floatAt(values: Float64Array, index: number): number {
  const value = values[index];
  if (value === undefined) missing(index, values.length);
  return value;
}

export function float32At(values: Float32Array, index: number): number {
  const value = values[index];
  if (value === undefined) missing(index, values.length);
  return value;
}

export function intAt(values: Int32Array, index: number): number {
  const value = values[index];
  if (value === undefined) missing(index, values.length);
  return value;
}

export function uintAt(values: Uint32Array, index: number): number {
  const value = values[index];
  if (value === undefined) missing(index, values.length);
  return value;
}

export function shortAt(values: Uint16Array, index: number): number {
  const value = values[index];
  if (value === undefined) missing(index, values.length);
  return value;
}

export function byteAt(values: Uint8Array, index: number): number {
  const value = values[index];
  if (value === undefined) missing(index, values.length);
  return value;
}

/** The same of anything that is indexed by numbers and holds numbers: for reads that are not hot. */
export function numberAt(values: ArrayLike<number>, index: number): number {
  const value = values[index];
  if (value === undefined) missing(index, values.length);
  return value;
}

/** An element that may itself be null, never undefined. */
export function itemAt<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) missing(index, values.length);
  return value;
}

/** The last element of an array that is not empty. */
export function lastOf<T>(values: readonly T[]): T {
  return itemAt(values, values.length - 1);
}

/** Adds to an element in place. */
export function addTo(values: Float64Array, index: number, amount: number): void {
  values[index] = floatAt(values, index) + amount;
}

/** What a map holds for a key that it is known to have. */
export function entryOf<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined)
    throw new HashfallError(
      "ELEMENT_MISSING",
      `The detector's map has no entry for ${String(key)}. This is a bug: please report it.`,
    );
  return value;
}
