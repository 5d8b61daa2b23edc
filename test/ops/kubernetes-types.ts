/**
 * Manifests judged strictly without a cluster: each becomes a literal of its published type (`kubernetes-types`, made from the
 * OpenAPI of Kubernetes), so that the compiler refuses unknown keys, missing ones and values of the wrong kind.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MODULES = fileURLToPath(new URL("../../node_modules/", import.meta.url));

/** The type of each kind that we ship, by `apiVersion kind`. */
const TYPES: Readonly<Record<string, string>> = {
  "apps/v1 Deployment": `import("${MODULES}kubernetes-types/apps/v1").Deployment`,
  "v1 Service": `import("${MODULES}kubernetes-types/core/v1").Service`,
  "policy/v1 PodDisruptionBudget": `import("${MODULES}kubernetes-types/policy/v1").PodDisruptionBudget`,
  "networking.k8s.io/v1 NetworkPolicy": `import("${MODULES}kubernetes-types/networking/v1").NetworkPolicy`,
  "monitoring.coreos.com/v1 ServiceMonitor": "ServiceMonitor",
};

/** Of the Prometheus Operator's own reference (monitoring.coreos.com/v1), what a monitor of ours may hold. */
const SERVICE_MONITOR = `
interface ServiceMonitor {
  apiVersion: "monitoring.coreos.com/v1";
  kind: "ServiceMonitor";
  metadata: import("${MODULES}kubernetes-types/meta/v1").ObjectMeta;
  spec: {
    jobLabel?: string;
    selector: import("${MODULES}kubernetes-types/meta/v1").LabelSelector;
    namespaceSelector?: { any?: boolean; matchNames?: string[] };
    endpoints: { port?: string; path?: string; interval?: string; scrapeTimeout?: string; honorLabels?: boolean }[];
  };
}
`;

export interface AnyManifest {
  readonly apiVersion: string;
  readonly kind: string;
}

/** What the compiler says of the manifests; empty where they are as published. */
export function typeFaults(manifests: readonly AnyManifest[]): string {
  const folder = mkdtempSync(join(tmpdir(), "hf-manifests-"));
  try {
    const literals = manifests.map((manifest, n) => {
      const type = TYPES[`${manifest.apiVersion} ${manifest.kind}`] ?? "never";
      return `export const manifest${n}: ${type} = ${JSON.stringify(manifest, null, 1)};`;
    });
    writeFileSync(join(folder, "manifests.ts"), `${SERVICE_MONITOR}${literals.join("\n")}\n`);
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--pretty", "false", "--types", "", "manifests.ts"];
    const { stdout, stderr } = spawnSync(join(MODULES, ".bin/tsc"), options, { cwd: folder, encoding: "utf8" });
    return `${stdout}${stderr}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
