/** No engine runs here: Dockerfile and compose file are linted, and the image's very steps are run in clean folders. */
import { spawn, spawnSync } from "node:child_process";
import { chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { validate } from "dockerfile-utils";
import { afterAll, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { copy, readDockerfile, wordsOf } from "./dockerfile.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** Uid of the user `node` in the image. */
const NODE_USER = 1000;
const stages = readDockerfile(join(ROOT, "Dockerfile"));
const [build, run] = stages as [(typeof stages)[0], (typeof stages)[0]];
const dir = mkdtempSync("/tmp/hf-image-");
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const EXACT_TAG = /^[\w./-]+:v?\d+\.\d+\.\d+(-[\w.]+)?$/;

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
}
const compose = parse(readFileSync(join(ROOT, "compose.yaml"), "utf8"), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
};
const services = Object.entries(compose.services);

describe("the Dockerfile", () => {
  it("is free of faults and of deprecated forms", () => {
    expect(validate(readFileSync(join(ROOT, "Dockerfile"), "utf8"))).toEqual([]);
  });

  it("pins its base exactly, ends as an ordinary user, and says how it is checked", () => {
    expect(new Set(stages.map(({ image }) => image)).size).toBe(1);
    expect(build.image).toMatch(/^node:24\.\d+\.\d+-\w+-slim$/);
    const last = (keyword: string) => run.steps.findLast((step) => step.keyword === keyword)?.text;
    expect(last("USER")).toBe("node");
    expect(last("HEALTHCHECK")).toContain("/healthz");
  });
});

describe("compose.yaml", () => {
  it("pleases the schema of Compose and a linter's rules about safety", () => {
    const config = fileURLToPath(new URL("dclint.json", import.meta.url));
    const lint = spawnSync("npx", ["dclint", "-c", config, "--max-warnings", "0", "compose.yaml"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    expect(lint.status, lint.stdout + lint.stderr).toBe(0);
  });

  it.each(services)("%s: exact tag, nothing writable but volumes, no capability, loopback alone", (_, service) => {
    expect(service.image).toMatch(EXACT_TAG);
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(["ALL"]);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    for (const volume of service.volumes ?? []) {
      const [source = ""] = volume.split(":");
      if (source.startsWith("./")) expect(statSync(join(ROOT, source)).isFile() || volume.endsWith(":ro")).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
  });

  it("runs the demo unless another profile is named, and provisions files that are there", () => {
    expect(readFileSync(join(ROOT, ".env"), "utf8")).toContain("COMPOSE_PROFILES=demo\n");
    expect(services.filter(([, { profiles }]) => profiles?.includes("demo")).map(([name]) => name)).toEqual([
      "hashfall-demo",
    ]);
    const provider = parse(readFileSync(join(ROOT, "grafana/provisioning/dashboards/hashfall.yaml"), "utf8"));
    const [{ options }] = provider.providers as [{ options: { path: string } }];
    expect(compose.services.grafana?.volumes).toContain(`./grafana/dashboards:${options.path}:ro`);
    const { datasources } = parse(readFileSync(join(ROOT, "grafana/provisioning/datasources/prometheus.yaml"), "utf8"));
    for (const { url } of datasources as { url: string }[])
      expect(Object.keys(compose.services)).toContain(new URL(url).hostname);
    const version = (JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string }).version;
    expect(compose.services["hashfall-demo"]?.image).toBe(`hashfall:${version}`);
  });
});

describe("the image's steps in clean folders", () => {
  const context = join(dir, "context");
  const built = join(dir, "build");
  const image = join(dir, "image");

  it("build it from what .dockerignore lets through", () => {
    const allowed = readFileSync(join(ROOT, ".dockerignore"), "utf8").match(/(?<=^!).+/gm) ?? [];
    for (const name of allowed) cpSync(join(ROOT, name), join(context, name), { recursive: true });
    mkdirSync(built);
    for (const { keyword, text } of build.steps) {
      if (keyword === "COPY") copy(text, context, built);
      if (keyword !== "RUN") continue;
      const ran = spawnSync("nice", ["sh", "-ec", text], { cwd: built, encoding: "utf8" });
      expect(ran.status, `${text}\n${ran.stdout}${ran.stderr}`).toBe(0);
    }
    mkdirSync(image);
    for (const { keyword, text } of run.steps)
      if (keyword === "COPY") copy(text, text.startsWith("--from=build") ? built : context, image);
    expect(readdirSync(image).sort()).toEqual(["LICENSE", "config", "dist", "node_modules", "package.json"]);
    const size = spawnSync("du", ["-sm", image], { encoding: "utf8" }).stdout.split("\t")[0];
    console.log(`the image adds ${size} MB to its base and redis-server`);
    // Webhooks by e-mail and templates (nodemailer, liquidjs) took it from 73 to 80.
    expect(Number(size)).toBeLessThan(90);
  }, 600_000);

  it("run as an ordinary user that writes nothing outside /data and /tmp, pass the health check, and stop in order", async () => {
    const data = join(dir, "data");
    mkdirSync(data);
    const isRoot = process.getuid?.() === 0;
    if (isRoot) for (const folder of [data, dir]) chownSync(folder, NODE_USER, NODE_USER);
    const user = isRoot ? ["setpriv", `--reuid=${NODE_USER}`, `--regid=${NODE_USER}`, "--clear-groups", "--"] : [];
    const before = listing(image);
    const port = await freePort();
    const env = { PATH: process.env.PATH, HOME: data, TMPDIR: data, NODE_ENV: "production" };
    // As compose.yaml runs it, but on loopback.
    const args = [...wordsOf(run, "ENTRYPOINT"), "demo", "--host", "127.0.0.1", "--port", `${port}`];
    const [command = "", ...rest] = [...user, ...args];
    const child = spawn(command, rest, { cwd: image, env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    try {
      const [node = "", ...check] = wordsOf(run, "HEALTHCHECK").map((word) => word.replace(":8080", `:${port}`));
      await vi.waitFor(() => expect(spawnSync(node, check, { cwd: image }).status, said).toBe(0), {
        timeout: 60_000,
        interval: 500,
      });
      await vi.waitFor(() => expect(said).toMatch(/hashfall is at/), { timeout: 60_000, interval: 100 });
      child.kill("SIGTERM");
      expect(await ended, said).toBe(0);
      expect(spawnSync(node, check, { cwd: image }).status, "the check of a stopped service").toBe(1);
      expect(listing(image)).toEqual(before);
      // The last words of the image's own command are options that the service knows.
      const help = spawnSync(node, [...wordsOf(run, "ENTRYPOINT").slice(1), "start", "--help"], {
        cwd: image,
        encoding: "utf8",
      });
      for (const word of wordsOf(run, "CMD").filter((one) => one.startsWith("--"))) expect(help.stdout).toContain(word);
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
  }, 120_000);
});

/** Every file with its size and time. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = statSync(path);
      return `${path} ${size} ${mtimeMs}`;
    })
    .sort();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
