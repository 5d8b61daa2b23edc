/**
 * State as bytes: "HFB1" | u32 length of the head | head (UTF-8 JSON) | kept blocks. A block is a height step, a finder and
 * a difficulty index as variable-length integers, and its time as a zigzag difference in milliseconds: about 6 bytes.
 */

import { HashfallError, messageOf } from "../../model/errors.ts";
import { addTo, entryOf, floatAt, itemAt, shortAt } from "../model/elements.ts";
import { emptyMemory, type Fall, type Memory, reserve } from "./memory.ts";
import type { Network } from "./network.ts";

const MARK = "HFB1";

interface Head {
  readonly pools: readonly string[];
  readonly length: number;
  readonly edge: readonly [height: number, time: number];
  readonly sumsAt: number;
  readonly covered: number;
  readonly strikes: number;
  readonly dirty: boolean;
  readonly evaluatedAt: number;
  /** Per pool of `pools`, then all others: blocks, squared weights, exposure. */
  readonly sums: readonly (readonly [number, number, number])[];
  readonly difficulties: readonly number[];
  /** `until` null while it lasts. */
  readonly falls: readonly (Omit<Fall, "until"> & { readonly until: number | null })[];
}

export function encodeMemory(network: Network, memory: Memory): Uint8Array {
  const difficulties = [...new Set(memory.difficulties.subarray(0, memory.length))];
  const index = new Map(difficulties.map((difficulty, i) => [difficulty, i]));
  const head: Head = {
    pools: network.pools,
    length: memory.length,
    edge: [memory.edgeHeight, memory.edgeTime],
    sumsAt: memory.sumsAt,
    covered: memory.covered,
    strikes: memory.strikes,
    dirty: memory.dirty,
    evaluatedAt: memory.evaluatedAt,
    sums: Array.from(memory.blocks, (blocks, slot) => [
      blocks,
      floatAt(memory.squares, slot),
      floatAt(memory.exposures, slot),
    ]),
    difficulties,
    falls: memory.falls.map((fall) => ({ ...fall, until: Number.isFinite(fall.until) ? fall.until : null })),
  };
  const text = new TextEncoder().encode(JSON.stringify(head));
  const body: number[] = [];
  let height = 0;
  let time = 0;
  for (let i = 0; i < memory.length; i++) {
    writeInteger(body, floatAt(memory.heights, i) - height);
    const step = floatAt(memory.times, i) - time;
    writeInteger(body, step >= 0 ? 2 * step : -2 * step - 1);
    writeInteger(body, shortAt(memory.finders, i));
    writeInteger(body, entryOf(index, floatAt(memory.difficulties, i)));
    height = floatAt(memory.heights, i);
    time = floatAt(memory.times, i);
  }
  const bytes = new Uint8Array(8 + text.length + body.length);
  bytes.set(new TextEncoder().encode(MARK));
  new DataView(bytes.buffer).setUint32(4, text.length, true);
  bytes.set(text, 8);
  bytes.set(body, 8 + text.length);
  return bytes;
}

/** Reads what `encodeMemory` wrote, under this network. Throws `HashfallError` `STATE_UNREADABLE`. */
export function decodeMemory(network: Network, bytes: Uint8Array): Memory {
  if (bytes.length < 8 || new TextDecoder().decode(bytes.subarray(0, 4)) !== MARK) throw unreadable(`no ${MARK} mark`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
  if (8 + length > bytes.length) throw unreadable("cut short in the head");
  const head = readHead(bytes.subarray(8, 8 + length));
  const slots = network.pools.length + 1;
  const slotOf = (old: number): number => (old < head.pools.length ? network.slot(itemAt(head.pools, old)) : slots - 1);
  const memory = emptyMemory(slots);
  memory.edgeHeight = head.edge[0];
  memory.edgeTime = head.edge[1];
  const { sumsAt, covered, strikes, dirty, evaluatedAt } = head;
  Object.assign(memory, { sumsAt, covered, strikes, dirty, evaluatedAt });
  memory.exposures.fill(head.sums.at(-1)?.[2] ?? 0);
  head.sums.forEach(([blocks, squares, exposure], old) => {
    const slot = slotOf(old);
    addTo(memory.blocks, slot, blocks);
    addTo(memory.squares, slot, squares);
    memory.exposures[slot] = exposure;
  });
  const known = new Set(network.regions);
  memory.falls = head.falls
    .filter((fall) => known.has(fall.region))
    .map((fall) => ({ ...fall, until: fall.until ?? Number.POSITIVE_INFINITY }));
  readBlocks(memory, head, bytes.subarray(8 + length), slotOf);
  return memory;
}

function readBlocks(memory: Memory, head: Head, body: Uint8Array, slotOf: (old: number) => number): void {
  const reader = { bytes: body, offset: 0 };
  let height = 0;
  let time = 0;
  for (let i = 0; i < head.length; i++) {
    reserve(memory);
    height += readInteger(reader);
    const step = readInteger(reader);
    time += step % 2 === 0 ? step / 2 : -(step + 1) / 2;
    memory.heights[i] = height;
    memory.times[i] = time;
    memory.finders[i] = slotOf(readInteger(reader));
    memory.difficulties[i] = head.difficulties[readInteger(reader)] ?? Number.NaN;
    memory.length++;
  }
}

function readHead(bytes: Uint8Array): Head {
  try {
    const head = JSON.parse(new TextDecoder().decode(bytes)) as Head;
    if (!Array.isArray(head.pools) || !Array.isArray(head.sums) || !Array.isArray(head.falls)) {
      throw unreadable("the head lacks pools, sums or falls");
    }
    return head;
  } catch (error) {
    if (error instanceof HashfallError) throw error;
    throw unreadable(messageOf(error));
  }
}

/** Seven bits a byte, lowest first; works up to 2^53. */
function writeInteger(into: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    into.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  into.push(rest);
}

function readInteger(reader: { readonly bytes: Uint8Array; offset: number }): number {
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = reader.bytes[reader.offset++];
    if (byte === undefined) throw unreadable("cut short in the blocks");
    value += (byte % 128) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
}

function unreadable(why: string): HashfallError {
  return new HashfallError("STATE_UNREADABLE", `these bytes are no block evidence: ${why}`);
}
