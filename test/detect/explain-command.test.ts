/** `hashfall explain` as it is called: from a file of bundles, from a service, and what it says when neither is there. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { explainCommand } from "../../src/commands/explain.ts";
import { run } from "./run.ts";
import { modelOf, world } from "./world.ts";

const fall = { region: "KZ", drop: 0.8, from: 30, until: 40, rampMinutes: 30 };
const { bundles, events } = run(modelOf(), world({ seed: 64, days: 1.4, falls: [fall] }));
const [first] = bundles;
let folder: string;
const asked: string[] = [];
const held = {
  ...{ scope: "pool", region: null, pool: "golf", reason: "patience", ticks: 4, score: 0.4, needed: 0 },
  ...{ firstAt: "2022-01-02T00:00:00Z", lastAt: "2022-01-02T00:15:00Z" },
};
const server = createServer((request, response) => {
  asked.push(`${request.url} ${request.headers.authorization ?? ""}`);
  if (request.url?.startsWith("/api/v1/not-opened")) {
    response.end(JSON.stringify({ items: [held], next: null }));
    return;
  }
  const known = request.url === `/api/v1/alerts/${first!.id}/explain`;
  response.writeHead(known ? 200 : request.url?.includes("broken") ? 503 : 404, { "content-type": "application/json" });
  response.end(known ? JSON.stringify(first) : "{}");
});
let url: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hashfall-explain-"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

async function explained(...args: string[]): Promise<string> {
  const said: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => said.push(String(text)) > 0);
  try {
    await explainCommand().exitOverride().parseAsync(args, { from: "user" });
  } finally {
    write.mockRestore();
  }
  return said.join("");
}

describe("explain", () => {
  it("computes the same from the service as from a file, and shows every pool", async () => {
    const file = join(folder, "bundle.json");
    await writeFile(file, JSON.stringify(first));
    const fromFile = await explained(file);
    expect(await explained(first!.id, "--url", `${url.replace("http", "ws")}/ws`, "--token", "t")).toBe(fromFile);
    expect(asked.at(-1)).toBe(`/api/v1/alerts/${first!.id}/explain Bearer t`);
    const said = events.find(({ id }) => id === first!.id)!;
    expect(fromFile).toContain(`${said.id} revision 1: opened at ${said.at}, KZ, critical`);
    for (const { pool } of said.evidence!) expect(fromFile).toMatch(new RegExp(`^${pool} .* % +-?[\\d.]+$`, "m"));
  });

  it("shows every bundle of a file of many, and gives them as JSON one a line", async () => {
    const file = join(folder, "many.ndjson");
    await writeFile(file, `${bundles.map((bundle) => JSON.stringify(bundle)).join("\n")}\n`);
    expect(bundles.length).toBeGreaterThan(1);
    const text = await explained(file);
    for (const { id, revision } of bundles) expect(text).toContain(`${id} revision ${revision}: `);
    const lines = (await explained(file, "--json")).trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).event.revision)).toEqual(bundles.map(({ revision }) => revision));
  });

  it("says what did not open, and why", async () => {
    const text = await explained("--not-opened", "bitcoin", "--url", url);
    expect(text).toContain("2022-01-02T00:00:00Z to 2022-01-02T00:15:00Z, 4 ticks: pool golf");
    expect(text).toContain("patience: it did not stand for as long as an opening of its kind must (fell by at most 40");
    await expect(explained()).rejects.toMatchObject({ code: "ARGUMENT_MISSING" });
  });

  it.each([
    ["what was lost", /("lost":\{"hashrate":)[\d.e+]+/, "lost was said as 0.123"],
    ["a probability", /("candidates":\[\{"region":"KZ","probability":)[\d.]+/, "probability of KZ was said as 0.123"],
    ["the drop", /("drop":\{"estimate":)[\d.]+/, "drop (estimate) was said as 0.123"],
  ])("names the figure of a bundle in which somebody changed %s, and fails", async (_, figure, said) => {
    const file = join(folder, "changed.json");
    await writeFile(
      file,
      JSON.stringify(first).replace(figure, (_found, before: string) => `${before}0.123`),
    );
    const failed = expect(explained(file)).rejects;
    await failed.toMatchObject({ code: "BUNDLE_CHANGED", message: expect.stringContaining(said) });
  });

  it.each([
    ["an alert that the service does not know", () => ["none", "--url", url], "ALERT_UNKNOWN"],
    ["a service that fails", () => ["broken", "--url", url], "SERVICE_REFUSED"],
    ["nobody there", () => ["none", "--url", "http://127.0.0.1:9"], "SERVICE_UNREACHABLE"],
  ])("says what is wrong: %s", async (_, args, code) => {
    await expect(explained(...args())).rejects.toMatchObject({ code });
  });

  it("says what is wrong: a file that is no bundle", async () => {
    const file = join(folder, "no.json");
    await writeFile(file, '{"kind":"figures"}');
    await expect(explained(file)).rejects.toMatchObject({ code: "BUNDLE_UNREADABLE" });
    await writeFile(file, "text");
    await expect(explained(file)).rejects.toMatchObject({ code: "BUNDLE_UNREADABLE" });
  });
});
