import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alertEvent, startTestGateway, TestClient, type TestGateway } from "./support.ts";

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway({ heartbeatSeconds: 0.1 });
  await t.publisher.publish([alertEvent({ id: "a", revision: 1 })]);
});
afterAll(() => t.stop());

async function document<T>(path: string): Promise<T> {
  return (await (await fetch(`${t.url}${path}`)).json()) as T;
}

interface OpenApi {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: object;
}
interface Operation {
  readonly responses: Record<string, { content?: Record<string, { schema: object }> }>;
}

describe("/openapi.json", () => {
  it("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(await document<Record<string, unknown>>("/openapi.json"));
    expect(errors).toBeUndefined();
    expect([valid, validator.version]).toEqual([true, "3.1"]);
  });

  it("describes every route of the API, and the server answers as described", async () => {
    const { openapi, paths, components } = await document<OpenApi>("/openapi.json");
    expect(openapi).toBe("3.1.0");
    expect(Object.keys(paths).sort()).toEqual([
      "/api/v1/alerts",
      "/api/v1/alerts.atom",
      "/api/v1/alerts.csv",
      "/api/v1/alerts/{id}",
      "/api/v1/alerts/{id}/ack",
      "/api/v1/alerts/{id}/explain",
      "/api/v1/history",
      "/api/v1/history.csv",
      "/api/v1/networks",
      "/api/v1/not-opened",
      "/api/v1/pools",
      "/api/v1/regions",
      "/api/v1/samples",
      "/api/v1/silences",
      "/api/v1/silences/{id}",
      "/api/v1/sources",
      "/api/v1/webhooks/dead",
      "/api/v1/webhooks/dead/redrive",
      "/api/v1/webhooks/{name}/test",
      "/api/v1/weights",
    ]);
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    ajv.addSchema({ components }, "doc");
    const pointed = (schema: object): object =>
      JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"doc#/components')) as object;
    for (const [path, { get }] of Object.entries(paths)) {
      if (!get) continue;
      const answer = await fetch(`${t.url}${path.replace("{id}", "a")}`);
      const described = get.responses[String(answer.status)];
      expect(described, `${path} ${answer.status}`).toBeDefined();
      const type = (answer.headers.get("content-type") ?? "").split(";")[0] ?? "";
      const schema = described?.content?.[type]?.schema;
      const valid = ajv.compile(pointed(schema ?? { not: {} }));
      const body: unknown = type.endsWith("json") ? await answer.json() : await answer.text();
      expect(valid(body), `${path}: ${JSON.stringify(valid.errors)}`).toBe(true);
    }
  });
});

interface AsyncApi {
  readonly asyncapi: string;
  readonly channels: { socket: { address: string; messages: Record<string, Message> } };
  readonly operations: Record<"send" | "receive", { messages: { $ref: string }[] }>;
}
interface Message {
  readonly payload: { schema: object };
  readonly examples?: { payload: object }[];
}

describe("/asyncapi.json", () => {
  const nameOf = ({ $ref }: { $ref: string }): string => $ref.split("/").at(-1) ?? "";

  it("gives examples that its own schemas take", async () => {
    const { asyncapi, channels } = await document<AsyncApi>("/asyncapi.json");
    expect([asyncapi, channels.socket.address]).toEqual(["3.0.0", "/ws"]);
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    for (const [name, { payload, examples = [] }] of Object.entries(channels.socket.messages)) {
      const valid = ajv.compile(payload.schema);
      expect(examples.length, `${name} has an example`).toBeGreaterThan(0);
      for (const example of examples)
        expect(valid(example.payload), `${name} ${JSON.stringify(valid.errors)}`).toBe(true);
    }
  });

  it("is what the running server does: examples are understood, and every frame is as described", async () => {
    const { channels, operations } = await document<AsyncApi>("/asyncapi.json");
    const { messages } = channels.socket;
    const client = new TestClient(t.wsUrl);
    const { epoch } = await client.next("hello");
    const examples = operations.receive.messages.flatMap((ref) => messages[nameOf(ref)]?.examples ?? []);
    for (const { payload } of examples) client.send(JSON.stringify(payload).replace("e1~", `${epoch}~`));
    await client.next("pong");
    expect(client.received.filter(({ type }) => type === "error")).toEqual([]);
    await t.publisher.publish([alertEvent({ id: "b", revision: 1 })]);
    await client.subscribe();
    await t.publisher.publish([alertEvent({ id: "c", revision: 1 })]);
    await client.next("alert");
    await client.next("heartbeat");
    client.send({ op: "unsubscribe", id: 9, channel: "regions" });
    await client.next("error");
    client.send({ op: "unsubscribe", channel: "status" });
    await client.next("unsubscribed");
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    const valid = new Map(Object.entries(messages).map(([name, { payload }]) => [name, ajv.compile(payload.schema)]));
    for (const message of client.received) {
      const check = valid.get(message.type);
      expect(check?.(message), `${JSON.stringify(message)} ${JSON.stringify(check?.errors)}`).toBe(true);
    }
    // Every field that an example of ours shows is one that the server really sends in such a message.
    for (const ref of operations.send.messages)
      for (const { payload } of messages[nameOf(ref)]?.examples ?? []) {
        const { type } = payload as { type: string };
        const sent = new Set(client.received.filter((message) => message.type === type).flatMap(Object.keys));
        for (const field of Object.keys(payload)) expect([...sent], `${type}.${field}`).toContain(field);
      }
    const seen = new Set(client.received.map(({ type }) => type));
    expect([...seen].sort()).toEqual(operations.send.messages.map(nameOf).sort());
    await client.close();
  });
});
