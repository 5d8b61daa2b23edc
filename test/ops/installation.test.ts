/** The systemd unit and the Kubernetes base, as far as they can be judged where neither runs. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { ROLES } from "../../src/runtime/roles.ts";
import { type AnyManifest, typeFaults } from "./kubernetes-types.ts";

const CONFIG = fileURLToPath(new URL("../../config/", import.meta.url));

interface Labels {
  readonly matchLabels: Readonly<Record<string, string>>;
}
interface Container {
  readonly args: readonly string[];
  readonly readinessProbe: { readonly httpGet: { readonly path: string } };
  readonly livenessProbe: { readonly httpGet: { readonly path: string } };
  readonly securityContext: { readonly readOnlyRootFilesystem: boolean };
}
interface Manifest extends AnyManifest {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly selector: Labels;
    readonly template?: {
      readonly metadata: Manifest["metadata"];
      readonly spec: { readonly containers: readonly Container[] };
    };
  };
}

const folder = join(CONFIG, "kubernetes");
const base = parse(readFileSync(join(folder, "kustomization.yaml"), "utf8")) as {
  readonly resources: readonly string[];
};
const manifests = base.resources.flatMap((file) =>
  parseAllDocuments(readFileSync(join(folder, file), "utf8")).map((document) => document.toJS() as Manifest),
);
const ofKind = (kind: string): readonly Manifest[] => manifests.filter((each) => each.kind === kind);
const covers = (selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>> = {}): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);

describe("the Kubernetes base", () => {
  it("names every file of its folder, and one deployment for each role", () => {
    const files = readdirSync(folder).filter((file) => !["kustomization.yaml", "hashfall.yaml"].includes(file));
    expect([...base.resources].sort()).toEqual(files.sort());
    const roles = ofKind("Deployment").map(({ spec }) => {
      const { args = [] } = spec.template?.spec.containers[0] ?? {};
      return args[args.indexOf("--roles") + 1];
    });
    expect(roles.sort()).toEqual([...ROLES].sort());
  });

  it("holds no key that Kubernetes does not know, no value of the wrong kind, and all that is required", () => {
    expect(typeFaults(manifests)).toBe("");
  });

  it.each([
    ["a key that is misspelt", "Deployment", "replica", (spec: Record<string, unknown>) => ({ ...spec, replica: 2 })],
    [
      "a number as text",
      "Deployment",
      "not assignable to type 'number'",
      (spec: Record<string, unknown>) => ({ ...spec, replicas: "2" }),
    ],
    ["no selector", "Deployment", "selector", ({ selector, ...spec }: Record<string, unknown>) => spec],
    ["a misspelt key of a monitor", "ServiceMonitor", "joblabel", (spec: object) => ({ ...spec, joblabel: "x" })],
  ])("would be refused with %s", (_, kind, said, change) => {
    const [manifest] = ofKind(kind);
    const changed = { ...manifest!, spec: change(manifest!.spec as never) };
    expect(typeFaults([changed])).toContain(said);
  });

  it("is rendered by kustomize, where there is one", (context) => {
    const { error, status, stderr } = spawnSync("kubectl", ["kustomize", folder], { encoding: "utf8" });
    if (error !== undefined) return context.skip("no kubectl here");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  });

  it.each(ofKind("Deployment").map((each) => [each.metadata.name, each] as const))(
    "%s is probed, read only, kept by a budget, scraped, and under the network policy",
    (_, { spec }) => {
      const labels = spec.template?.metadata.labels;
      const [container] = spec.template?.spec.containers ?? [];
      expect(covers(spec.selector.matchLabels, labels)).toBe(true);
      expect(container?.readinessProbe.httpGet.path).toBe("/readyz");
      expect(container?.livenessProbe.httpGet.path).toBe("/healthz");
      expect(container?.securityContext.readOnlyRootFilesystem).toBe(true);
      const budgets = ofKind("PodDisruptionBudget").filter((each) => covers(each.spec.selector.matchLabels, labels));
      expect(budgets).toHaveLength(1);
      const [monitor] = ofKind("ServiceMonitor");
      const scraped = ofKind("Service").filter((each) =>
        covers(monitor?.spec.selector.matchLabels ?? {}, each.metadata.labels),
      );
      expect(scraped.map(({ spec: of }) => covers(of.selector as never, labels))).toEqual([true]);
      expect(ofKind("NetworkPolicy")).toHaveLength(1);
    },
  );
});

describe("the systemd unit", () => {
  const unit = join(CONFIG, "systemd/hashfall.service");

  it("keeps its data in its state folder, as a user of its own, and waits for an orderly stop", () => {
    const lines = readFileSync(unit, "utf8").split("\n");
    for (const line of [
      "DynamicUser=yes",
      "StateDirectory=hashfall",
      "Restart=always",
      "TimeoutStopSec=20",
      "WatchdogSec=60",
    ])
      expect(lines).toContain(line);
    expect(lines.find((line) => line.startsWith("ExecStart="))).toContain("--data ${STATE_DIRECTORY}");
  });

  it("is one that systemd understands", (context) => {
    const { error, status, stdout, stderr } = spawnSync("systemd-analyze", ["verify", unit], { encoding: "utf8" });
    if (error !== undefined) return context.skip("no systemd-analyze here");
    expect({ status, said: `${stdout}${stderr}` }).toEqual({ status: 0, said: "" });
  });
});
