import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type AlertTape, followAlerts } from "../support/alert-tape.ts";
import { type RunningCli, startCli } from "../support/cli.ts";

/** Longer than two ticks of the demo: a machine that gives the service no time at all. */
const STALL_MS = 2_500;

let demo: RunningCli;
let url: string;
let tape: AlertTape;
beforeAll(async () => {
  demo = startCli(["demo", "--port", "0"]);
  url = ((await demo.says(/hashfall is at (http:\S+)/))[1] ?? "").replace(/\/$/, "");
  tape = followAlerts(`${url.replace("http", "ws")}/ws`);
});
afterAll(async () => {
  tape?.stop();
  await demo?.stop("SIGTERM");
});

const tickNow = async (): Promise<string> => {
  const { items } = (await (await fetch(`${url}/api/v1/networks`)).json()) as { items: { at: string }[] };
  return items[0]?.at ?? "";
};

it("a demo that gets no time from its machine for seconds tells its story all the same, and of no tick that nobody polled", async () => {
  for (let stall = 0; stall < 4; stall++) {
    const before = await tickNow();
    demo.child.kill("SIGSTOP");
    await delay(STALL_MS);
    demo.child.kill("SIGCONT");
    await expect.poll(tickNow).not.toBe(before);
  }
  const heard = await tape.heard(({ scope, region }) => scope === "region" && region !== null);
  expect(heard.region).toBe("KZ");
  expect(tape.events.filter(({ scope }) => scope === "source")).toEqual([]);
  expect(demo.output()).not.toMatch(/nobody polled|overdue|still polled/);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toMatch(/^hashfall_ticks_missed_total\{network="bitcoin"\} 0$/m);
});
