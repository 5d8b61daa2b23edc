import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alertEvent, endedEvent, startTestGateway, type TestGateway } from "./support.ts";

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway();
  await t.publisher.publish([alertEvent({ id: "a", revision: 1 })]);
  await t.publisher.publish([endedEvent("a")]);
  while (!(await (await fetch(`${t.url}/api/v1/alerts/a`)).text()).includes('"resolved"'));
});
afterAll(() => t.stop());

describe("the schema of an alert", () => {
  it("takes what was published, and refuses fields that do not stand there", async () => {
    const schema = (await (await fetch(`${t.url}/alert.schema.json`)).json()) as object;
    const ajv = new Ajv2020({ strict: false });
    addFormats.default(ajv);
    const valid = ajv.compile(schema);
    const { events } = (await (await fetch(`${t.url}/api/v1/alerts/a`)).json()) as { events: object[] };
    expect(events).toHaveLength(2);
    for (const event of events) expect(valid(event), JSON.stringify(valid.errors)).toBe(true);
    const source = {
      ...alertEvent({ id: "s", revision: 1, scope: "source", region: null, source: null, verdict: "blind" }),
    };
    const { lost: _l, drop: _d, candidates: _c, evidence: _e, ...blind } = source;
    expect(valid(blind), JSON.stringify(valid.errors)).toBe(true);
    for (const wrong of [
      alertEvent({ id: "x", revision: 1, type: "resolved" }),
      alertEvent({ id: "x", revision: 1, endedAt: "2022-01-05T12:00:00Z" }),
      alertEvent({ id: "x", revision: 2, type: "opened" }),
      alertEvent({ id: "x", revision: 1, scope: "pool" }),
      alertEvent({ id: "x", revision: 1, ambiguous: true }),
      alertEvent({ id: "x", revision: 1, region: null }),
      { ...blind, drop: { estimate: 1, low: 1, high: 1 } },
      { ...blind, verdict: "odd" },
    ])
      expect(valid(wrong), JSON.stringify(wrong)).toBe(false);
  });
});
