import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const FOLDER = new URL("../../config/prometheus/", import.meta.url);
const path = (name: string): string => fileURLToPath(new URL(name, FOLDER));
const text = (name: string): string => readFileSync(path(name), "utf8");

const TESTS = ["tests/rules.test.yml", "tests/days.test.yml"];

interface Alert {
  readonly alert?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
const files = readdirSync(path("rules")).map((file) => `rules/${file}`);
const alerts = files
  .flatMap((file): Alert[] => parse(text(file)).groups.flatMap((group: { rules: Alert[] }) => group.rules))
  .filter(({ alert }) => alert !== undefined);

function promtool(...args: string[]): { status: number | null; said: string } {
  const { status, stdout, stderr, error } = spawnSync("promtool", args, { encoding: "utf8" });
  if (error !== undefined) throw error;
  return { status, said: stdout + stderr };
}

describe("config/prometheus", () => {
  it("pleases promtool: configuration and rules", () => {
    const config = promtool("check", "config", path("prometheus.yml"));
    expect(config.status, config.said).toBe(0);
    const rules = promtool("check", "rules", "--lint=all", "--lint-fatal", ...files.map(path));
    expect(rules.status, rules.said).toBe(0);
  });

  it("holds every case of its rule tests", () => {
    const { status, said } = promtool("test", "rules", ...TESTS.map(path));
    expect(status, said).toBe(0);
  });

  it("has a case in which each alert fires, and one in which it is silent", () => {
    const cases = TESTS.map(text).join("");
    for (const { alert } of alerts) {
      expect(cases, `${alert} never fires`).toContain(`ALERTS{alertname="${alert}",alertstate="firing"}`);
      // It fires always, by design.
      if (alert !== "HashfallWatchdog")
        expect(cases, `${alert} is never silent`).toContain(`ALERTS{alertname="${alert}"}`);
    }
  });

  it("says of every alert how grave it is, what it is about, and where its runbook stands", () => {
    const sections = [...text("runbooks.md").matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    expect(sections.sort()).toEqual(alerts.map(({ alert }) => alert).sort());
    for (const { alert, labels, annotations } of alerts) {
      expect(labels, alert).toMatchObject({
        service: "hashfall",
        about: expect.stringMatching(/^(network|hashfall)$/),
        severity: expect.any(String),
      });
      expect(annotations?.summary, alert).toBeTruthy();
      expect(annotations?.description, alert).toBeTruthy();
      expect(annotations?.runbook_url).toBe(`http://localhost:8080/runbooks/${alert}`);
    }
  });
});
