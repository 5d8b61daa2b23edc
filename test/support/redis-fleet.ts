/** Several redis-server processes on loopback ports: Sentinel with replicas, and Cluster, for proofs of failover. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";

export interface FleetNode {
  readonly port: number;
  /** To look at one node; never follows a redirection. */
  readonly client: Redis;
  kill(): Promise<void>;
  start(): Promise<void>;
  /** It answers nobody until it is resumed, and then knows nothing of what happened meanwhile. */
  halt(): void;
  resume(): void;
}

export interface Fleet {
  /** As `REDIS_URL` takes it. */
  readonly url: string;
  readonly nodes: readonly FleetNode[];
  /** Of each master. */
  readonly replicas: number;
  /** The node that takes the service's writes now. */
  master(): Promise<FleetNode>;
  stop(): Promise<void>;
}

/** A port whose cluster bus (10,000 above) is a port too. */
export async function freePort(): Promise<number> {
  for (;;) {
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const address = probe.address();
    probe.close();
    await once(probe, "close");
    if (address !== null && typeof address === "object" && address.port < 55_000) return address.port;
  }
}

async function startNode(folder: string, port: number, args: readonly string[]): Promise<FleetNode> {
  mkdirSync(folder, { recursive: true });
  let child: ChildProcess | undefined;
  const client = new Redis({ host: "127.0.0.1", port, lazyConnect: true, retryStrategy: () => 50 });
  client.on("error", () => undefined);
  const node: FleetNode = {
    port,
    client,
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
    async start() {
      child = spawn("setpriv", ["--pdeathsig", "KILL", "--", "redis-server", ...args], {
        cwd: folder,
        stdio: ["ignore", "ignore", "inherit"],
      });
      if (client.status === "wait") await client.connect().catch(() => undefined);
      for (let left = 200; left > 0; left--) {
        const answered = await client.ping().then(
          () => true,
          () => false,
        );
        if (answered) return;
        await delay(25);
      }
      throw new Error(`redis-server on ${port} does not answer`);
    },
    halt: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
  };
  await node.start();
  return node;
}

const DATA = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--maxmemory-policy", "noeviction"];

async function stopAll(dir: string, nodes: readonly FleetNode[]): Promise<void> {
  for (const { client } of nodes) client.disconnect();
  await Promise.all(nodes.map((node) => node.kill()));
  rmSync(dir, { recursive: true, force: true });
}

/** One master, two replicas, three sentinels that take a master for dead after 2 s. */
export async function startSentinelFleet(): Promise<Fleet> {
  const dir = mkdtempSync("/tmp/hf-sentinel-");
  const data: FleetNode[] = [];
  const sentinels: FleetNode[] = [];
  for (let i = 0; i < 3; i++) {
    const port = await freePort();
    const folder = join(dir, `data-${i}`);
    const replica = i === 0 ? [] : ["--replicaof", `127.0.0.1 ${data[0]?.port}`];
    data.push(await startNode(folder, port, ["--port", String(port), "--dir", folder, ...DATA, ...replica]));
  }
  for (let i = 0; i < 3; i++) {
    const port = await freePort();
    const folder = join(dir, `sentinel-${i}`);
    mkdirSync(folder, { recursive: true });
    const lines = [
      `port ${port}`,
      "bind 127.0.0.1",
      `dir ${folder}`,
      `sentinel monitor main 127.0.0.1 ${data[0]?.port} 2`,
      "sentinel down-after-milliseconds main 2000",
      "sentinel failover-timeout main 6000",
    ];
    writeFileSync(join(folder, "sentinel.conf"), `${lines.join("\n")}\n`);
    sentinels.push(await startNode(folder, port, [join(folder, "sentinel.conf"), "--sentinel"]));
  }
  const ready = async (): Promise<boolean> => {
    const [info] = (await sentinels[0]!.client.call("SENTINEL", "MASTERS")) as unknown[][];
    const fields = Array.isArray(info)
      ? info.map(String)
      : Object.entries(info ?? {})
          .flat()
          .map(String);
    const field = (name: string): number => Number(fields[fields.indexOf(name) + 1]);
    return field("num-slaves") === 2 && field("num-other-sentinels") === 2;
  };
  await until(ready, "the sentinels know each other");
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",")}/main`,
    nodes: data,
    replicas: 2,
    async master() {
      const [, port] = (await sentinels[0]!.client.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main")) as string[];
      return data.find((node) => node.port === Number(port))!;
    },
    stop: () => stopAll(dir, [...data, ...sentinels]),
  };
}

/** Three masters with a replica each, that take a node for dead after 2 s. */
export async function startClusterFleet(options: { readonly key: string }): Promise<Fleet> {
  const dir = mkdtempSync("/tmp/hf-cluster-");
  const nodes: FleetNode[] = [];
  for (let i = 0; i < 6; i++) {
    const port = await freePort();
    const folder = join(dir, String(i));
    const cluster = [
      "--cluster-enabled",
      "yes",
      "--cluster-node-timeout",
      "2000",
      "--cluster-announce-ip",
      "127.0.0.1",
    ];
    nodes.push(await startNode(folder, port, ["--port", String(port), "--dir", folder, ...DATA, ...cluster]));
  }
  const hosts = nodes.map(({ port }) => `127.0.0.1:${port}`);
  const maker = spawn("redis-cli", ["--cluster", "create", ...hosts, "--cluster-replicas", "1", "--cluster-yes"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [status] = (await once(maker, "exit")) as [number];
  if (status !== 0) throw new Error(`redis-cli --cluster create ended with ${status}`);
  const whole = async (node: FleetNode): Promise<boolean> =>
    /cluster_state:ok/.test(await node.client.cluster("INFO")) &&
    /connected_slaves:|master_link_status:up/.test(await node.client.info("replication"));
  await until(async () => (await Promise.all(nodes.map(whole))).every(Boolean), "the cluster is whole");
  return {
    url: `redis+cluster://${hosts.join(",")}`,
    nodes,
    replicas: 1,
    async master() {
      const slot = await firstAnswer(nodes, (client) => client.cluster("KEYSLOT", options.key));
      const slots = await firstAnswer(nodes, (client) => client.cluster("SLOTS"));
      const range = (slots as unknown as [number, number, [string, number]][]).find(
        ([from, to]) => from <= slot && slot <= to,
      );
      return nodes.find((node) => node.port === range?.[2][1])!;
    },
    stop: () => stopAll(dir, nodes),
  };
}

async function firstAnswer<T>(nodes: readonly FleetNode[], ask: (client: Redis) => Promise<T>): Promise<T> {
  const up = nodes.filter(({ client }) => client.status === "ready");
  return Promise.any(up.map(({ client }) => ask(client)));
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (let left = 400; left > 0; left--) {
    if (await isSo().catch(() => false)) return;
    await delay(50);
  }
  throw new Error(`waited in vain: ${what}`);
}
