/** The simulator as a server on loopback, in this process. `launch.ts` runs it as a process of its own. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Clock, Clocks } from "../../model/clock.ts";
import { HashfallError, messageOf } from "../../model/errors.ts";
import { isoTime } from "../../model/tick.ts";
import { scenarioNamed } from "../scenarios/registry.ts";
import { type ClockLeg, timeOf } from "../waiting-clock.ts";
import { World } from "../world/world.ts";
import { makeSimApp } from "./app.ts";

/** Small steps of the world between requests, so that no request has to catch up on hours. */
const ADVANCE_EVERY_MS = 250;
const LOOPBACK = "127.0.0.1";

export interface SimServerOptions {
  readonly scenario: string;
  readonly seed: number;
  /** Data seconds per real second; 1 if absent. */
  readonly speed?: number;
  /** Data time at which serving starts, ms; the scenario's own if absent. */
  readonly start?: number;
  /** 0 or absent: any free one. */
  readonly port?: number;
  /** Ends by itself when nobody asked for so long, real time. Absent: never. */
  readonly idleExitMs?: number;
  /** Stands in for scaled time in tests. */
  readonly clocks?: Clocks;
}

/** What the simulator's one line on standard output says, and what its state file keeps. Times are milliseconds. */
export interface SimProcess {
  readonly url: string;
  readonly pid: number;
  readonly scenario: string;
  readonly seed: number;
  readonly dataStart: number;
  readonly realStart: number;
  readonly speed: number;
}

export interface SimServer extends SimProcess {
  /** Resolves when the server has closed, by `stop` or by itself. */
  readonly closed: Promise<void>;
  stop(): Promise<void>;
}

/** Throws `HashfallError` `SCENARIO_UNKNOWN`, `SIMULATOR_START` (a start outside the scenario) or `PORT_TAKEN`. */
export async function startSimServer(options: SimServerOptions): Promise<SimServer> {
  const scenario = scenarioNamed(options.scenario);
  const dataStart = options.start ?? scenario.servesFrom;
  if (!(dataStart >= scenario.startsAt)) {
    throw new HashfallError(
      "SIMULATOR_START",
      `${scenario.name} cannot start at ${Number.isFinite(dataStart) ? isoTime(dataStart) : dataStart}; allowed: ${isoTime(scenario.startsAt)} or later.`,
    );
  }
  const world = new World(scenario, options.seed);
  world.advanceTo(dataStart);
  const realStart = options.clocks?.real.now() ?? Date.now();
  const speed = options.clocks?.speed ?? options.speed ?? 1;
  let leg: ClockLeg = { realStart, dataStart, until: null };
  const real: Clock = { now: () => Date.now() };
  const clocks = options.clocks ?? { real, data: { now: () => timeOf(leg, speed, Date.now()) }, speed };
  const takeUp = (next: ClockLeg) => {
    leg = next;
  };
  let askedAt = Date.now();
  const onRequest = () => {
    askedAt = Date.now();
  };
  const app = makeSimApp({ world, clocks, dataStart, leg: () => leg, takeUp, onRequest });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  await listening(server, options.port ?? 0);
  const { promise: closed, resolve: setClosed } = withResolvers();
  const timer = setInterval(() => {
    world.advanceTo(clocks.data.now());
    if (options.idleExitMs !== undefined && Date.now() - askedAt > options.idleExitMs) void stop();
  }, ADVANCE_EVERY_MS);
  const stop = () => {
    clearInterval(timer);
    server.close(() => setClosed());
    server.closeAllConnections();
    return closed;
  };
  return {
    url: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    pid: process.pid,
    scenario: scenario.name,
    seed: options.seed,
    dataStart,
    realStart,
    speed: clocks.speed,
    closed,
    stop,
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      reject(
        taken
          ? new HashfallError("PORT_TAKEN", `Port ${port} on ${LOOPBACK} is taken; choose another with --port.`)
          : new HashfallError("SIMULATOR_LISTEN", `The simulator cannot listen: ${messageOf(error)}`, { cause: error }),
      );
    });
    server.listen(port, LOOPBACK, resolve);
  });
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
