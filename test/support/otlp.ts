/** A collector of traces on loopback: takes OTLP over HTTP in JSON, and keeps every span. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  /** Of the process: service.name, service.instance.id and the like. */
  readonly process: Readonly<Record<string, unknown>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Real time, ms. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly isError: boolean;
}

export interface Collector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Of each request, and what it carried. */
  readonly requests: readonly { readonly headers: IncomingHttpHeaders; readonly body: string }[];
  /** Resolves when what has come satisfies the test; it is asked again with every request. */
  until(test: (spans: readonly ReceivedSpan[]) => boolean): Promise<void>;
  /** Answers with this status from now on. */
  answerWith(status: number): void;
  stop(): Promise<void>;
}

interface KeyValue {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Body {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly startTimeUnixNano: string;
        readonly endTimeUnixNano: string;
        readonly attributes: readonly KeyValue[];
        readonly status?: { readonly code?: number };
      }[];
    }[];
  }[];
}

const ERROR = 2;

export async function startCollector(): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  const requests: { headers: IncomingHttpHeaders; body: string }[] = [];
  const waiting = new Set<() => void>();
  let status = 200;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const body = Buffer.concat(pieces).toString();
      requests.push({ headers: request.headers, body });
      response.writeHead(status, { "content-type": "application/json" }).end("{}");
      if (status === 200 && request.url === "/v1/traces") spans.push(...spansIn(JSON.parse(body) as Body));
      for (const look of waiting) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    until(test) {
      return new Promise((resolve) => {
        const look = (): void => {
          if (!test(spans)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    },
    answerWith(next) {
      status = next;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function spansIn({ resourceSpans }: Body): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap((scope) =>
      scope.spans.map((span) => ({
        name: span.name,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId || undefined,
        process: valuesOf(resource.attributes),
        attributes: valuesOf(span.attributes),
        startedAt: Number(BigInt(span.startTimeUnixNano) / 1_000_000n),
        endedAt: Number(BigInt(span.endTimeUnixNano) / 1_000_000n),
        isError: span.status?.code === ERROR,
      })),
    ),
  );
}

function valuesOf(list: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]]));
}

/** One trace as lines, each span under what caused it, in the order of their names: `poll`, then `  ask antpool`, .... */
export function treeOf(spans: readonly ReceivedSpan[], traceId: string): string[] {
  const own = spans.filter((span) => span.traceId === traceId);
  const known = new Set(own.map(({ spanId }) => spanId));
  const below = (parent: string | undefined, depth: number): string[] =>
    own
      .filter(({ parentSpanId }) => parentSpanId === parent)
      .sort((a, b) => a.name.localeCompare(b.name))
      .flatMap(({ name, spanId }) => [`${"  ".repeat(depth)}${name}`, ...below(spanId, depth + 1)]);
  const orphans = own.filter(({ parentSpanId }) => parentSpanId !== undefined && !known.has(parentSpanId));
  return [...below(undefined, 0), ...orphans.map(({ name }) => `without its cause: ${name}`)];
}
