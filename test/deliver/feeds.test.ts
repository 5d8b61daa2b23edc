import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { csv } from "../../src/deliver/http/csv.ts";
import { alertEvent, endedEvent, startTestGateway, type TestGateway } from "./support.ts";

let t: TestGateway;
beforeAll(async () => {
  t = await startTestGateway();
  await t.publisher.publish([alertEvent({ id: "a", revision: 1 })]);
  await t.publisher.publish([
    endedEvent("a"),
    alertEvent({ id: "b", revision: 1, scope: "pool", region: null, pool: "R&D <pool>", lost: undefined }),
  ]);
});
afterAll(() => t.stop());

async function get(path: string): Promise<{ type: string; body: string }> {
  const answer = await fetch(`${t.url}/api/v1${path}`);
  expect(answer.status, path).toBe(200);
  return { type: answer.headers.get("content-type") ?? "", body: await answer.text() };
}

describe("the Atom feed of alerts", () => {
  it("has an entry for each alert with its link, its times and escaped text", async () => {
    const { type, body } = await get("/alerts.atom");
    expect(type).toContain("application/atom+xml");
    expect(body.match(/<entry>/g)).toHaveLength(2);
    expect(body).toContain("<title>Pool R&amp;D &lt;pool&gt;: opened, critical</title>");
    expect(body).toContain(`<link href="${t.url}/#/alerts/a"/>`);
    expect(body).toContain("<id>urn:hashfall:a</id>");
    expect(body).toMatch(/<published>2022-01-05T10:32:00Z<\/published>\s*<updated>2022-01-05T10:50:00Z<\/updated>/);
    expect(body).toMatch(/<updated>[^<]+<\/updated>\s*<author>/);
    expect(body.match(/[&<](?![\w/?#!])/)).toBeNull();
  });

  it("takes the filters of the list", async () => {
    const { body } = await get("/alerts.atom?state=open");
    expect(body.match(/<entry>/g)).toHaveLength(1);
    expect(body).toContain("Pool R&amp;D");
    expect((await get("/alerts.atom?network=bitcoin&scope=network")).body).not.toContain("<entry>");
  });
});

describe("CSV", () => {
  it("of alerts has a header and a line for each; what is unknown is empty and never 0", async () => {
    const { type, body } = await get("/alerts.csv");
    expect(type).toContain("text/csv");
    const [header = "", ...lines] = body.trimEnd().split("\r\n");
    const column = (line: string, name: string) => line.split(",")[header.split(",").indexOf(name)];
    const [pool = "", region = ""] = lines.toSorted((a, b) => b.localeCompare(a));
    expect(lines).toHaveLength(2);
    expect([column(pool, "pool"), column(pool, "state"), column(pool, "lostHashesPerSecond")]).toEqual([
      "R&D <pool>",
      "open",
      "",
    ]);
    expect([column(region, "region"), column(region, "resolution"), column(region, "drop")]).toEqual([
      "KZ",
      "recovered",
      "0.71",
    ]);
  });

  it("of history has the points that the JSON has", async () => {
    const { items } = JSON.parse((await get("/history?from=2022-01-05T00:00:00Z&to=2022-01-06T00:00:00Z")).body);
    const { body } = await get("/history.csv?from=2022-01-05T00:00:00Z&to=2022-01-06T00:00:00Z");
    expect(body.split("\r\n")[0]).toBe("at,hashesPerSecond,expectedHashesPerSecond,drop");
    expect(body.trimEnd().split("\r\n")).toHaveLength(1 + items.length);
  });

  it.each([
    ["a, b", '"a, b"'],
    ['say "x"', '"say ""x"""'],
    ["two\nlines", '"two\nlines"'],
    ["=HYPERLINK(1)", "'=HYPERLINK(1)"],
    ["@sum", "'@sum"],
    [-1.5, "-1.5"],
    [0, "0"],
    [undefined, ""],
    [null, ""],
  ])("quotes %j", (cell, expected) => {
    expect(csv([cell], { cell: (value) => value })).toBe(`cell\r\n${expected}\r\n`);
  });
});
