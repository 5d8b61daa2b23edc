/** Random frames of every kind against a running gateway, and what it answered. */
import { connect } from "node:net";
import fc from "fast-check";
import { TestClient } from "./support.ts";

/** Frames on one connection: under the limit of messages, which has a test of its own. */
const FRAMES_A_CONNECTION = 90;
const ANSWERED_EVERY = 10;

const words = fc.constantFrom("op", "id", "subscribe", "channel", "alerts", "since", "regions", "KZ", "__proto__");
const text = fc.oneof(
  fc.json({ maxDepth: 4 }),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.dictionary(words, fc.oneof(words, fc.jsonValue({ maxDepth: 2 })), { maxKeys: 5 }).map((o) => JSON.stringify(o)),
  fc.record({ op: fc.constant("subscribe"), channel: words, since: words }).map((o) => JSON.stringify(o)),
);
const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
const rare = fc.oneof(
  fc.integer({ min: 100, max: 2000 }).map((depth) => "[".repeat(depth)),
  fc.integer({ min: 100, max: 500 }).map((depth) => `{"op":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`),
  fc.integer({ min: 4097, max: 60_000 }).map((length) => "x".repeat(length)),
);

interface Frame {
  readonly data: string | Uint8Array;
  readonly binary: boolean;
}

const frame: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 40, arbitrary: text.map((data) => ({ data, binary: false })) },
  { weight: 1, arbitrary: bytes.map((data) => ({ data, binary: true })) },
  { weight: 1, arbitrary: bytes.map((data) => ({ data, binary: false })) },
  { weight: 1, arbitrary: rare.map((data) => ({ data, binary: false })) },
);

/**
 * Bytes that are no frames at all, or broken ones, after a proper handshake, each sample on a connection of its own.
 * @returns the close codes that were answered; null where the connection ended without one
 */
export async function fuzzWire(wsUrl: string, count: number, seed: number): Promise<ReadonlySet<number | null>> {
  const codes = new Set<number | null>();
  // Half begin like a frame: any opcode and flags, any length, masked or not.
  const junk = fc.oneof(
    bytes,
    fc.tuple(fc.integer({ min: 0, max: 255 }), bytes).map(([head, rest]) => [head, ...rest]),
  );
  for (const sample of fc.sample(junk.filter(isNoClose), { seed, numRuns: count }))
    codes.add(await closeAfter(wsUrl, sample));
  return codes;
}

/** A close frame is answered by the code it carries, whichever that is. */
function isNoClose(sample: Iterable<number>): boolean {
  const [first = 0] = sample;
  return (first & 15) !== 8;
}

function closeAfter(wsUrl: string, junk: Iterable<number>): Promise<number | null> {
  const { hostname, port } = new URL(wsUrl);
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const socket = connect(Number(port), hostname, () =>
      socket.write(
        `GET /ws HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
      ),
    );
    socket.on("data", (data) => {
      // Hello comes first; what ends the connection is the last frame: 0x88, its length, and a code.
      if (received.length === 0) socket.end(Buffer.from([...junk]));
      received = Buffer.concat([received, data]);
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      const at = received.lastIndexOf(0x88);
      resolve(at >= 0 && received.length >= at + 4 ? received.readUInt16BE(at + 2) : null);
    });
  });
}

export interface FuzzResult {
  /** Error codes that were answered. */
  readonly codes: ReadonlySet<string>;
  /** Close codes. */
  readonly closes: ReadonlySet<number>;
  readonly connections: number;
}

/** Sends `count` frames made from `seed`, on as many connections as it takes. */
export async function fuzz(wsUrl: string, count: number, seed: number): Promise<FuzzResult> {
  const codes = new Set<string>();
  const closes = new Set<number>();
  let connections = 0;
  let client: TestClient | null = null;
  let sent = 0;
  const end = async (done: TestClient): Promise<void> => {
    await done.close();
    for (const message of done.received) if (message.type === "error") codes.add(message.code);
    if (done.closed) closes.add(done.closed.code);
  };
  for (const { data, binary } of fc.sample(frame, { seed, numRuns: count })) {
    if (client && (client.closed || sent >= FRAMES_A_CONNECTION)) {
      await end(client);
      client = null;
    }
    if (!client) {
      client = new TestClient(wsUrl);
      connections += 1;
      sent = 0;
      await client.next("hello");
    }
    if (client.socket.readyState === client.socket.OPEN) client.socket.send(data, { binary });
    sent += 1;
    if (sent % ANSWERED_EVERY === 0) await Promise.race([client.end(), client.next("error").catch(() => null)]);
  }
  if (client) await end(client);
  return { codes, closes, connections };
}
