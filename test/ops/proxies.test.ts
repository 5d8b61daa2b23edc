/** The configurations of config/docs/proxies.md, word for word but for the ports, in front of a demo. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import * as driven from "../support/browser.ts";
import { type RunningCli, startCli } from "../support/cli.ts";

const DOCUMENT = readFileSync(new URL("../../config/docs/proxies.md", import.meta.url), "utf8");
const dir = mkdtempSync("/tmp/hf-proxies-");
const proxies: ChildProcess[] = [];
let demo: RunningCli;
let port: string;

beforeAll(async () => {
  demo = startCli(["demo", "--port", "0"]);
  port = (await demo.says(/hashfall is at http:\S+:(\d+)/))[1] ?? "";
});
afterAll(async () => {
  for (const proxy of proxies) proxy.kill("SIGTERM");
  await demo?.stop("SIGTERM");
  rmSync(dir, { recursive: true, force: true });
});

function snippet(language: string): string {
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(DOCUMENT)?.[1] ?? "";
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
  (name) => `${name}_temp_path ${dir}/${name};`,
);
/** How each is run, and its own address in the snippet. */
const PROXIES = {
  nginx: {
    listens: "listen 80;",
    listensAt: (at: number) => `listen 127.0.0.1:${at};`,
    around: (text: string) =>
      `daemon off; pid ${dir}/nginx.pid; error_log ${dir}/nginx.log; events {} http { access_log off; ${temporary.join(" ")}\n${text}}`,
    args: (file: string) => ["-c", file],
  },
  caddy: {
    listens: ":80 {",
    listensAt: (at: number) => `http://127.0.0.1:${at} {`,
    around: (text: string) => `{\n  admin off\n}\n${text}`,
    args: (file: string) => ["run", "--adapter", "caddyfile", "--config", file],
  },
  haproxy: {
    listens: "bind :80",
    listensAt: (at: number) => `bind 127.0.0.1:${at}`,
    around: (text: string) => text,
    args: (file: string) => ["-db", "-f", file],
  },
} as const;
type Proxy = keyof typeof PROXIES;
const LANGUAGES: Readonly<Record<Proxy, string>> = { nginx: "nginx", caddy: "caddyfile", haproxy: "haproxy" };

/** Starts a proxy by the document; its address under the sub-path. */
async function startProxy(name: Proxy): Promise<string> {
  const { listens, listensAt, around, args } = PROXIES[name];
  const at = await freePort();
  const text = snippet(LANGUAGES[name]);
  expect(text).toContain(listens);
  const file = join(dir, `${name}.conf`);
  writeFileSync(file, around(text.replace(listens, listensAt(at)).replaceAll("127.0.0.1:8080", `127.0.0.1:${port}`)));
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, HOME: dir };
  proxies.push(spawn(name, args(file), { stdio: "ignore", env }));
  const url = `http://127.0.0.1:${at}/hashfall`;
  const status = () =>
    fetch(`${url}/readyz`).then(
      (answer) => answer.status,
      () => 0,
    );
  await vi.waitFor(async () => expect(await status()).toBe(200), { timeout: 80_000, interval: 200 });
  return url;
}

/** The status of a request, and whether it went over a connection that was there already. */
function ask(url: string, agent: Agent): Promise<readonly [number | undefined, boolean]> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (answer) => {
      answer.resume().on("end", () => resolve([answer.statusCode, request.reusedSocket]));
    });
    request.on("error", reject);
  });
}

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };
const isThere = (name: Proxy): boolean =>
  spawnSync(name, [name === "caddy" ? "version" : "-v"], { env, stdio: "ignore" }).error === undefined;

for (const name of Object.keys(PROXIES) as Proxy[]) {
  if (!isThere(name)) {
    console.warn(`${name} is not installed: its part of config/docs/proxies.md is not tried here`);
    continue;
  }
  describe(`${name} as its page says`, () => {
    let url: string;
    beforeAll(async () => {
      url = await startProxy(name);
    }, 90_000);

    it("serves the page, whose parts all come, and REST, under the sub-path", async () => {
      const list = await fetch(`${url}/api/v1/networks`);
      expect([list.status, JSON.stringify(await list.json())]).toEqual([200, expect.stringContaining("bitcoin")]);
      if (!driven.isDriven) return;
      const browser = await driven.launchBrowser();
      const { page, faults } = await driven.visit(browser, `${url}/`);
      await page.locator("#live-text", { hasText: /^live$/ }).waitFor();
      expect(faults).toEqual([]);
      await browser.close();
    });

    it("passes the socket on", async () => {
      const socket = new WebSocket(`${url.replace("http", "ws")}/ws`, ["hashfall.v1"]);
      const [text] = await new Promise<[Buffer]>((resolve, reject) => {
        socket.once("message", (data: Buffer) => resolve([data]));
        socket.once("error", reject);
      });
      expect(JSON.parse(text.toString())).toMatchObject({ type: "hello", networks: ["bitcoin"] });
      socket.terminate();
    });

    it("lets nobody write who comes from outside without a token", async () => {
      const answer = await fetch(`${url}/api/v1/silences`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ region: "KZ", endsAt: new Date(Date.now() + 60_000).toISOString() }),
      });
      expect(answer.status).toBe(403);
    });

    it("answers request after request over one connection", async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const answers = [];
      for (let i = 0; i < 20; i++) answers.push(await ask(`${url}/healthz`, agent));
      agent.destroy();
      expect(answers.map(([status]) => status)).toEqual(answers.map(() => 200));
      expect(answers.slice(1).every(([, reused]) => reused)).toBe(true);
    });
  });
}
